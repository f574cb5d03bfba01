import type { Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import type { DialogueContext } from '#src/model/dialogue.js';
import type { DialogueProblem } from '#src/model/observation.js';
import { postgres } from '#src/protocol/postgres.js';
import { type Certificate, createCertificates } from '../lab/certificates.js';
import { type PostgresOptions, postgresUnavailable, startPostgres } from '../lab/servers/postgres.js';
import type { Server } from '../lab/servers/server.js';
import { testNeeding } from '../needing.js';
import { bareConnect, converseAt, writeInPieces } from './converse.js';
import { converseWith } from './scripted-server.js';
import { patientMs } from './speak.js';

const certificates = createCertificates();
let identity: Certificate;

test.before(async () => {
  identity = await certificates.issue({ commonName: 'db1.example', names: ['IP:127.0.0.1'] });
});
test.after.always(() => certificates.remove());

/** A test with a real PostgreSQL. */
function postgresTest(
  title: string,
  options: () => PostgresOptions,
  run: (t: ExecutionContext, server: Server) => Promise<void>,
): void {
  testNeeding(postgresUnavailable(), title, async (t) => {
    const server = await startPostgres(options());
    try {
      await run(t, server);
    } finally {
      await server.stop();
    }
  });
}

/** Holds the dialogue with a server that listens. */
const at = (place: { readonly port: number }, settings = {}, over: Partial<DialogueContext> = {}) =>
  converseAt(postgres, place, settings, { timeoutMs: patientMs, ...over });

/** Holds the dialogue with a server that speaks from a script. */
const scripted = (serve: (socket: Socket) => void, over: Partial<DialogueContext> = {}) =>
  converseWith(postgres, postgres.settings.parse({}), serve, { timeoutMs: patientMs, ...over });

const open = (detail: string) => ({ kind: 'dialogue', service: 'postgres', outcome: 'open', detail }) as const;
const mismatch = (detail: string, problem: DialogueProblem = 'answer') =>
  ({ ...open(detail), outcome: 'mismatch', problem }) as const;
const trusting = (certificate: string) => ({
  materials: { file: () => Buffer.from(certificate), secret: () => '' },
});

/** What was logged since: the first words of each line, without its time and process. */
function loggedSince(before: string, { log }: Server): string[] {
  const lines = log().slice(before.length).split('\n');
  return lines
    .filter((line) => line !== '')
    .map((line) => line.replace(/^.*? \[\d+\] /, '').replace(/port=\d+/, 'port=…'));
}

postgresTest(
  'PostgreSQL without TLS is identified, and neither this nor a bare connect leaves a line in its log',
  () => ({}),
  async (t, server) => {
    const before = server.log();
    for (let run = 0; run < 3; run++)
      t.deepEqual(await at(server), open('PostgreSQL answered SSLRequest, without TLS to offer'));
    await bareConnect(server);
    t.deepEqual(loggedSince(before, server), []);
    t.deepEqual(await at(server, { tls: true }), mismatch('PostgreSQL answers, but does not speak TLS'));
  },
);

postgresTest(
  'PostgreSQL with TLS is identified whatever its certificate, which has to hold where TLS is asked for',
  () => ({ tls: identity, settings: { log_connections: 'on' } }),
  async (t, server) => {
    const before = server.log();
    for (let run = 0; run < 3; run++)
      t.deepEqual(await at(server), open('PostgreSQL answered SSLRequest and speaks TLS'));
    const rules = postgres.settings.parse({ tls: { ca: { file: 'ca.pem' } } });
    t.deepEqual(
      await at(server, rules, trusting(identity.certificate)),
      open('PostgreSQL answered SSLRequest, over TLS 1.3, certificate of db1.example'),
    );
    t.deepEqual(
      await at(server, { tls: true }),
      mismatch('answers with TLS 1.3, but its certificate (db1.example) is self-signed', 'certificate'),
    );
    // Nothing of a broken handshake.
    const received = 'LOG:  connection received: host=127.0.0.1 port=…';
    t.deepEqual(loggedSince(before, server), Array(5).fill(received));
  },
);

const answers: readonly (readonly [title: string, bytes: string, said: object])[] = [
  [
    'an error in the format of PostgreSQL 7.4 and later identifies it, and is passed on',
    'E\0\0\0\x35SFATAL\0VFATAL\0C53300\0Msorry, too many clients\0R\0\0\0',
    { ...open('PostgreSQL answered SSLRequest with an error'), warning: 'the server said: sorry, too many clients' },
  ],
  [
    'an error in the format before PostgreSQL 7.4 identifies it, and is passed on',
    'EFATAL:  unsupported frontend protocol\n\0',
    {
      ...open('PostgreSQL answered SSLRequest with an error'),
      warning: 'the server said: FATAL:  unsupported frontend protocol',
    },
  ],
  [
    'a server that is not PostgreSQL but begins with S',
    'SSH-2.0-x\r\n',
    mismatch('an SSH server answers: "SSH-2.0-x"', 'stranger'),
  ],
  ['a server that begins with N', 'NOTICE hello\r\n', mismatch('something else answers: "NOTICE hello"', 'stranger')],
  ['memcached', 'ERROR\r\n', mismatch('something else answers: "ERROR"', 'stranger')],
  [
    'an E that is no error',
    'E\0\0\0\x09QQQQ\0',
    mismatch('something answers in an unknown protocol: 45000000095151515100', 'stranger'),
  ],
];
for (const [title, bytes, said] of answers) {
  test(`${title}, however its bytes are cut`, async (t) => {
    const answer = Buffer.from(bytes, 'latin1');
    const cuts = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(cuts, async (sizes) => {
        t.deepEqual(await scripted((socket) => writeInPieces(socket, answer, sizes)), said as never);
      }),
      { numRuns: 6 },
    );
  });
}

test('a server that offers TLS and then does not speak it is open, with a warning', async (t) => {
  const said = await scripted((socket) => {
    socket.once('data', () => {
      socket.write('S');
      socket.once('data', () => socket.end());
    });
  });
  t.is(said.outcome, 'open');
  t.is(said.warning, 'it offers TLS in vain: connected, then closed during the TLS handshake');
});

test('closed before a word is a reset, silence a mismatch', async (t) => {
  t.is((await scripted((socket) => setTimeout(() => socket.end(), 50))).outcome, 'reset');
  const silent = await scripted(() => {}, { timeoutMs: 300 });
  t.is(silent.outcome, 'mismatch');
  t.regex(silent.detail, /^connected, then silent for [\d.]+ s, where PostgreSQL answers SSLRequest$/);
});
