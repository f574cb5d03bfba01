import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { execa } from 'execa';
import type { Transcript } from '#src/model/dialogue.js';
import { Conversation } from '#src/protocol/conversation.js';
import { secure } from '#src/protocol/secure.js';
import { tls } from '#src/protocol/tls/dialogue.js';
import { type Certificate, type Certificates, createCertificates } from '../lab/certificates.js';
import { nginxUnavailable, startNginx } from '../lab/servers/nginx.js';
import { opensslUnavailable, startOpenssl } from '../lab/servers/openssl.js';
import { testNeeding } from '../needing.js';
import { dialogueContext } from './context.js';
import { dial, patientMs, speak } from './speak.js';

let certificates: Certificates;
let identity: Certificate;

test.before(async () => {
  if (opensslUnavailable() !== undefined) return;
  certificates = createCertificates();
  identity = await certificates.issue({ commonName: 'db1', names: ['DNS:db1.example'] });
});

test.after.always(() => certificates?.remove());

const careless = { verify: 'no', minimumVersion: 'TLSv1.2', expiryWarning: 30, expiryFailure: 7 } as const;

for (const version of ['tls1_2', 'tls1_3']) {
  testNeeding(
    opensslUnavailable(),
    `what is said over ${version} is decrypted, and ends with close_notify and FIN`,
    async (t) => {
      const server = await startOpenssl({ identity, options: [`-${version}`] });
      t.teardown(() => server.stop());
      const { transcript, events } = recorder();
      const context = dialogueContext({ timeoutMs: patientMs, transcript });
      const stream = await dial(server.port);
      const secured = await secure(stream, careless, context);
      if (secured.kind === 'failed') return t.fail(secured.said('tls').detail);
      t.true(secured.context.timeoutMs < patientMs, 'the handshake’s time is taken from what follows');
      const conversation = new Conversation(secured.stream, secured.context);
      conversation.say(Buffer.from('hello\n'));
      const heard = await conversation.hear((bytes) =>
        bytes.length < 6 ? undefined : { value: `${bytes}`, length: 6 },
      );
      t.deepEqual(heard, { kind: 'heard', value: 'olleh\n' });
      await conversation.end();
      t.true(stream.destroyed);
      t.true(stream.writableFinished && stream.errored === null);
      t.deepEqual(
        events.map((event) => event.replace(/^(phase \w+|TLS 1\.\d|certificate of CN=db1).*/, '$1')),
        [
          'phase tls',
          `TLS 1.${version.at(-1)}`,
          'certificate of CN=db1',
          'sent hello\n',
          'phase firstByte',
          'received olleh\n',
        ],
      );
      // OpenSSL complains of an end without close_notify ("unexpected eof while reading") and of a reset ("errno=104").
      await sleep(50);
      t.notRegex(server.log(), /error|errno/i);
    },
  );
}

/** A transcript, each event a line. */
function recorder(): { readonly transcript: Transcript; readonly events: string[] } {
  const events: string[] = [];
  const transcript: Transcript = {
    note: (text) => events.push(text),
    sent: (bytes) => events.push(`sent ${bytes}`),
    received: (bytes) => events.push(`received ${bytes}`),
    phase: (phase, ms) => events.push(`phase ${phase} ${ms}`),
  };
  return { transcript, events };
}

testNeeding(opensslUnavailable(), 'the transcript tells version, cipher, and all of the certificate', async (t) => {
  const server = await startOpenssl({ identity });
  t.teardown(() => server.stop());
  const { transcript, events } = recorder();
  await speak(tls, server.port, { verify: 'no' }, { transcript });
  t.true(events.includes('TLS 1.3 with TLS_AES_256_GCM_SHA384'));
  const shown = events.find((event) => event.startsWith('certificate of'));
  t.regex(shown!, /^certificate of CN=db1; issued by CN=db1; valid from .* GMT to .* GMT; for db1\.example; SHA-256 /);
});

testNeeding(nginxUnavailable(), 'nginx has nothing to log of a handshake that says nothing more', async (t) => {
  const { certificate, key } = identity;
  const nginx = await startNginx({ tls: { certificate, key, protocols: 'TLSv1.2 TLSv1.3' } });
  t.teardown(() => nginx.stop());
  const before = nginx.log();
  for (let count = 0; count < 5; count += 1) {
    t.is((await speak(tls, nginx.port, { verify: 'no' })).detail, 'TLS 1.3, certificate of db1');
  }
  t.is((await speak(tls, nginx.port)).outcome, 'mismatch');
  await sleep(50);
  t.is(nginx.log(), before);
});

for (const [what, ...args] of [
  ['the help', '--help'],
  ['a plan', 'plan', '-i', 'inventory.example.json'],
] as const) {
  test(`${what} needs no TLS, and does not load it`, async (t) => {
    const root = fileURLToPath(new URL('../../', import.meta.url));
    const telling = 'data:text/javascript,process.on("exit",()=>console.error(process.moduleLoadList.join("\\n")))';
    const { stderr } = await execa(process.execPath, ['--import', telling, 'dist/cli.js', ...args], { cwd: root });
    t.regex(stderr, /^NativeModule fs$/m);
    t.notRegex(stderr, /^NativeModule _?tls/m);
  });
}
