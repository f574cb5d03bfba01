import test from 'ava';
import { tls } from '#src/protocol/tls/dialogue.js';
import { type Certificate, type Certificates, createCertificates } from '../../lab/certificates.js';
import { opensslUnavailable, startOpenssl } from '../../lab/servers/openssl.js';
import { testNeeding } from '../../needing.js';
import { speak } from '../speak.js';

// Servers that want a certificate of their clients: TLS 1.2 refuses during the handshake, TLS 1.3 after it.

const passphraseVariable = 'PORTOLAN_TEST_PASSPHRASE';
process.env[passphraseVariable] = 'not much of a secret';

let certificates: Certificates;
let root: Certificate;
let server: Certificate;

test.before(async () => {
  if (opensslUnavailable() !== undefined) return;
  certificates = createCertificates();
  root = await certificates.issue({ commonName: 'Portolan Test Root', authority: true });
  server = await certificates.issue({ commonName: 'db1', names: ['IP:127.0.0.1'], issuer: root });
});

test.after.always(() => certificates?.remove());

interface Client {
  readonly title: string;
  readonly client?: () => Promise<Certificate>;
  /** Beside the certificate and its key. */
  readonly settings?: object;
  readonly refused?: string;
}

const clients: readonly Client[] = [
  { title: 'without one is refused', refused: 'answers with TLS, but requires a client certificate' },
  {
    title: 'with one of the right authority passes',
    client: () => certificates.issue({ commonName: 'us', issuer: root }),
  },
  {
    title: 'with one whose key is encrypted passes',
    client: () => certificates.issue({ commonName: 'us', issuer: root, passphrase: process.env[passphraseVariable]! }),
    settings: { clientKeyPassphrase: { env: passphraseVariable } },
  },
  {
    title: 'with one of another authority is refused',
    client: () => certificates.issue({ commonName: 'us' }),
    refused:
      'answers with TLS, but refuses the client certificate: its authority is not trusted there (alert unknown_ca)',
  },
  {
    title: 'with one that has ended is refused',
    client: () => certificates.issue({ commonName: 'us', issuer: root, validDays: [-20, -10] }),
    refused: 'answers with TLS, but refuses the client certificate: it has expired (alert certificate_expired)',
  },
];

for (const version of ['1.2', '1.3']) {
  for (const { title, client, settings, refused } of clients) {
    testNeeding(opensslUnavailable(), `a client of TLS ${version} ${title}`, async (t) => {
      const wanting = ['-Verify', '1', '-CAfile', root.certificateFile, '-verify_return_error'];
      const options = [...wanting, `-tls${version.replace('.', '_')}`];
      const { port, stop } = await startOpenssl({ identity: server, options });
      t.teardown(stop);
      const identity = await client?.();
      const files = identity && {
        clientCertificate: { file: identity.certificateFile },
        clientKey: { file: identity.keyFile },
      };
      const said = await speak(tls, port, { ca: { file: root.certificateFile }, ...files, ...settings });
      t.is(said.detail, refused ?? `TLS ${version}, certificate of db1`);
      t.is(said.outcome, refused === undefined ? 'open' : 'mismatch');
    });
  }
}

testNeeding(opensslUnavailable(), 'a server without session tickets refuses as clearly', async (t) => {
  const options = ['-Verify', '1', '-CAfile', root.certificateFile, '-num_tickets', '0'];
  const { port, stop } = await startOpenssl({ identity: server, options });
  t.teardown(stop);
  const said = await speak(tls, port, { ca: { file: root.certificateFile } });
  t.is(said.detail, 'answers with TLS, but requires a client certificate');
});
