import test, { type ExecutionContext } from 'ava';
import type { Materials } from '#src/model/dialogue.js';
import { ExpectedError } from '#src/model/errors.js';
import { checkTlsFiles } from '#src/protocol/secure.js';
import { tls } from '#src/protocol/tls/dialogue.js';
import { type Certificate, createCertificates } from '../../lab/certificates.js';
import { opensslUnavailable } from '../../lab/servers/openssl.js';
import { testNeeding } from '../../needing.js';

/** Files by their paths, and one secret. */
const holding = (files: Readonly<Record<string, string>>, secret = ''): Materials => ({
  file: ({ file }) => Buffer.from(files[file]!),
  secret: () => secret,
});

async function refusal(t: ExecutionContext, settings: object, materials: Materials): Promise<string> {
  const parsed = tls.settings.parse(settings);
  const { message } = (await t.throwsAsync(checkTlsFiles(parsed, materials), { instanceOf: ExpectedError }))!;
  return message;
}

const clientFiles = { clientCertificate: { file: 'us.pem' }, clientKey: { file: 'us.key' } };

function certificateTest(
  title: string,
  run: (t: ExecutionContext, us: Certificate, other: Certificate) => Promise<void>,
) {
  testNeeding(opensslUnavailable(), title, async (t) => {
    const certificates = createCertificates();
    t.teardown(() => certificates.remove());
    const us = await certificates.issue({ commonName: 'us', passphrase: 'open sesame' });
    await run(t, us, await certificates.issue({ commonName: 'other' }));
  });
}

test('a file without an authority is refused', async (t) => {
  const message = await refusal(t, { ca: { file: 'ca.pem' } }, holding({ 'ca.pem': 'nothing of the kind' }));
  t.is(message, 'ca.pem: holds no certificate authority. Expected: certificates in PEM.');
});

test('a client key that nothing belongs to is refused', async (t) => {
  const message = await refusal(t, { clientKey: { file: 'us.key' } }, holding({ 'us.key': '' }));
  t.is(message, 'us.key: a clientKey without a clientCertificate. Expected: both, or neither.');
});

certificateTest('the key of another certificate is refused', async (t, us, other) => {
  const message = await refusal(t, clientFiles, holding({ 'us.pem': us.certificate, 'us.key': other.key }));
  t.regex(message, /^us\.pem and us\.key: no client certificate that can be used: .*key values mismatch/);
  t.regex(
    message,
    /\. Expected: a certificate and its private key in PEM, and the key's passphrase if it has one \(clientKeyPassphrase\)\.$/,
  );
});

certificateTest('a wrong passphrase is refused, and not told', async (t, us) => {
  const files = { 'us.pem': us.certificate, 'us.key': us.key };
  const settings = { ...clientFiles, clientKeyPassphrase: { env: 'PASSPHRASE' } };
  const message = await refusal(t, settings, holding(files, 'abracadabra'));
  t.regex(message, /^us\.pem and us\.key: no client certificate that can be used: /);
  t.notRegex(message, /abracadabra/);
  await t.notThrowsAsync(checkTlsFiles(tls.settings.parse(settings), holding(files, 'open sesame')));
});

certificateTest('certificate and key may be in one file', async (t, _us, other) => {
  const settings = tls.settings.parse({ clientCertificate: { file: 'both.pem' } });
  await t.notThrowsAsync(checkTlsFiles(settings, holding({ 'both.pem': `${other.key}${other.certificate}` })));
});

test('settings of TLS are found wherever a service has them', async (t) => {
  const nested = { query: 'x', tls: tls.settings.parse({ ca: { file: 'ca.pem' } }) };
  await t.throwsAsync(checkTlsFiles(nested, holding({ 'ca.pem': '' })), { instanceOf: ExpectedError });
  await t.notThrowsAsync(checkTlsFiles({ ca: { file: 'ca.pem' } }, holding({ 'ca.pem': '' })));
});
