import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer, TLSSocket } from 'node:tls';
import test from 'ava';
import fc from 'fast-check';
import type { DialogueContext } from '#src/model/dialogue.js';
import type { DialogueProblem } from '#src/model/observation.js';
import { makeService } from '#src/protocol/service.js';
import { tcp } from '#src/protocol/tcp/dialogue.js';
import { type Certificate, createCertificates } from '../lab/certificates.js';
import { startRedis } from '../lab/servers/redis.js';
import { serverUnavailable } from '../lab/servers/server.js';
import { startVsftpd, vsftpdUnavailable } from '../lab/servers/vsftpd.js';
import { testNeeding } from '../needing.js';
import { converseAt, writeInPieces } from './converse.js';
import { converseWith } from './scripted-server.js';
import { patientMs } from './speak.js';

const open = (detail: string) => ({ kind: 'dialogue', service: 'tcp', outcome: 'open', detail }) as const;
const mismatch = (detail: string, problem: DialogueProblem = 'answer') =>
  ({ ...open(detail), outcome: 'mismatch', problem }) as const;

type Settings = Parameters<typeof tcp.converse>[1];
const certificates = createCertificates();
let identity: Certificate;

test.before(async () => {
  identity = await certificates.issue({ commonName: 'any.example', names: ['IP:127.0.0.1'] });
});
test.after.always(() => certificates.remove());

/** Holds the dialogue with a server that listens. */
const at = (place: { readonly port: number }, settings = {}, over: Partial<DialogueContext> = {}) =>
  converseAt(tcp, place, settings, { timeoutMs: patientMs, ...over });

/** Holds the dialogue with a server that speaks from a script. */
const scripted = (serve: (socket: Socket) => void, settings: Settings, over: Partial<DialogueContext> = {}) =>
  converseWith(tcp, settings, serve, { timeoutMs: patientMs, ...over });

const steps = (...steps: unknown[]): Settings => tcp.settings.parse({ steps });

/** A server that answers line by line. */
function answering(greeting: string, answers: Readonly<Record<string, string>>) {
  return (socket: Socket) => {
    let heard = '';
    if (greeting !== '') socket.write(greeting);
    socket.on('data', (chunk) => {
      heard += chunk;
      for (;;) {
        const end = heard.indexOf('\r\n');
        if (end === -1) return;
        const answer = answers[heard.slice(0, end)];
        heard = heard.slice(end + 2);
        if (answer !== undefined) socket.write(answer);
      }
    });
  };
}

testNeeding(
  serverUnavailable('redis-server'),
  'a real Redis answers what is expected, or says what instead',
  async (t) => {
    const redis = await startRedis({ password: 'sesame' });
    t.teardown(() => redis.stop());
    const ping = { send: 'PING\r\n', expect: '^\\+PONG$' };
    t.deepEqual(
      await at(redis, steps(ping), { timeoutMs: 3000 }),
      mismatch('expected /^\\+PONG$/, but Redis answers: "-NOAUTH Authentication required."'),
    );
    const login = { send: ['AUTH ', { env: 'PASSWORD' }, '\r\n'], expect: '^\\+OK$' };
    const told = { materials: { file: () => Buffer.alloc(0), secret: () => 'sesame' } };
    t.deepEqual(await at(redis, steps(login, ping, { send: 'QUIT\r\n' }), told), open('all 3 steps went as expected'));
  },
);

testNeeding(
  vsftpdUnavailable(),
  'a real vsftpd goes over to TLS in between, and its certificate has to hold',
  async (t) => {
    const tls = identity;
    const server = await startVsftpd({ tls });
    t.teardown(() => server.stop());
    const auth = (starttls: unknown) =>
      steps(
        { expect: '^220 ' },
        { send: 'AUTH TLS\r\n', expect: '^234 ', starttls },
        { send: 'QUIT\r\n', expect: '^221 ' },
      );
    const trusting = { materials: { file: () => Buffer.from(tls.certificate), secret: () => '' } };
    const said = await at(server, auth({ ca: { file: 'ca.pem' } }), trusting);
    t.is(said.outcome, 'open', said.detail);
    t.regex(said.detail, /^all 3 steps went as expected, over TLS 1\.[23], certificate of any\.example$/);
    const untrusted = await at(server, auth(true));
    t.is(untrusted.outcome, 'mismatch');
    t.regex(untrusted.detail, /is self-signed/);
  },
);

test('a dialogue in SMTP: several lines, STARTTLS, and what follows it', async (t) => {
  const { certificate, key } = identity;
  const hello = '250-mail.example\r\n250-PIPELINING\r\n250-STARTTLS\r\n250 HELP\r\n';
  const said = await scripted(
    (socket) => {
      answering('220 mail.example ESMTP\r\n', { 'EHLO portolan': hello, STARTTLS: '220 go on\r\n' })(socket);
      socket.on('data', (chunk) => {
        if (!chunk.includes('STARTTLS')) return;
        socket.removeAllListeners('data');
        const secured = new TLSSocket(socket, { isServer: true, cert: certificate, key });
        answering('', { 'EHLO again': '250-mail.example\r\n250 AUTH PLAIN\r\n', QUIT: '221 bye\r\n' })(secured);
      });
    },
    steps(
      { expect: '^220 (\\S+) ESMTP' },
      { send: 'EHLO portolan\r\n', expect: '^250[- ]STARTTLS' },
      { send: 'STARTTLS\r\n', expect: '^220 ', starttls: { verify: 'warn' } },
      { send: 'EHLO again\r\n', expect: '^250[- ]AUTH' },
      { send: 'QUIT\r\n', expect: '^221 ' },
    ),
  );
  t.is(said.detail, 'all 5 steps went as expected, over TLS 1.3, certificate of any.example');
  t.regex(said.warning ?? '', /self-signed/);
});

test('TLS from the start, and nothing else to be said', async (t) => {
  const { certificate, key } = identity;
  const server = createServer({ cert: certificate, key }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const place = { port: (server.address() as AddressInfo).port };
  const materials = { file: () => Buffer.from(certificate), secret: () => '' };
  const settings = tcp.settings.parse({ tls: { ca: { file: 'ca.pem' } } });
  t.deepEqual(
    await at(place, settings, { materials }),
    open('accepted the connection, over TLS 1.3, certificate of any.example'),
  );
});

test('what a pattern matched can be sent back, however the bytes are cut', async (t) => {
  const challenge = Buffer.from('hello\r\nPING :4711 \xe9\r\n', 'latin1');
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 6 }), async (sizes) => {
      const heard: Buffer[] = [];
      const said = await scripted(
        (socket) => {
          writeInPieces(socket, challenge, sizes);
          socket.on('data', (chunk) => heard.push(chunk));
          socket.once('data', () => socket.write('welcome\r\n'));
        },
        steps({ expect: '^PING :(.+)$' }, { send: `PONG \${1}\r\n`, expect: '^welcome$' }),
      );
      t.deepEqual(said, open('all 2 steps went as expected'));
      t.deepEqual(Buffer.concat(heard), Buffer.from('PONG 4711 \xe9\r\n', 'latin1'));
    }),
    { numRuns: 10 },
  );
});

test('a prompt, which ends no line, is found', async (t) => {
  const said = await scripted(
    (socket) => {
      socket.write('\r\nlogin: ');
      socket.once('data', () => socket.end('sorry\r\n'));
    },
    steps({ expect: '^login: $', send: undefined }, { send: '\r\n', expect: 'sorry' }),
  );
  t.deepEqual(said, open('all 2 steps went as expected'));
});

test('a line that only began to match is not taken for a match', async (t) => {
  const said = await scripted(
    (socket) => {
      writeInPieces(socket, Buffer.from('READING\r\n'), [4]);
      socket.end();
    },
    steps({ expect: '^READ$' }),
  );
  t.deepEqual(said, mismatch('expected /^READ$/, but something else answers: "READING"'));
});

test('bytes are sent and expected as they are', async (t) => {
  const said = await scripted(
    (socket) =>
      socket.on('data', (chunk) => chunk.equals(Buffer.from([0, 0xff, 10])) && socket.write(Buffer.from([1, 0xfe]))),
    steps({ send: { hex: '00 ff 0A' }, expect: { hex: '01fe' } }),
  );
  t.deepEqual(said, open('answered as expected'));
  const wrong = await scripted(
    (socket) => socket.once('data', () => socket.write(Buffer.from([1, 2, 3]))),
    steps({ send: { hex: '00' }, expect: { hex: '01fe' } }),
  );
  t.deepEqual(wrong, mismatch('expected the bytes 01fe, but something answers in an unknown protocol: 010203'));
});

test('beyond ASCII, text is UTF-8', async (t) => {
  const said = await scripted(
    (socket) => socket.on('data', (chunk) => socket.write(`${chunk.toString()} und Tschüß\r\n`)),
    steps({ send: 'Grüß Gott', expect: '^Grüß Gott und Tschüß$' }),
  );
  t.deepEqual(said, open('answered as expected'));
});

test('a secret that the server repeats is not told', async (t) => {
  const said = await scripted(
    (socket) => socket.on('data', (chunk) => socket.end(`wrong: ${chunk}\r\n`)),
    steps({ send: { env: 'TOKEN' }, expect: '^right' }),
    { materials: { file: () => Buffer.alloc(0), secret: () => 'sesame' } },
  );
  t.deepEqual(said, mismatch('expected /^right/, but something else answers: "wrong: ***"'));
});

test('what was missing is told by its step: silence, the end, and too much', async (t) => {
  const asked = steps({ expect: '^hello' }, { send: 'A\r\n', expect: '^B' });
  const silent = await scripted(answering('hello\r\n', {}), asked, { timeoutMs: 3000 });
  t.is(silent.outcome, 'mismatch');
  t.regex(silent.detail, /^step 2 of 2: expected \/\^B\/, but nothing came for [\d.]+ s$/);
  const closed = await scripted((socket) => {
    socket.write('hello\r\n');
    socket.once('data', () => socket.end());
  }, asked);
  t.deepEqual(closed, mismatch('step 2 of 2: expected /^B/, but the connection was closed'));
  const flood = await scripted(answering('hello\r\n', { A: 'x'.repeat(100_000) }), asked);
  t.deepEqual(flood, mismatch(`step 2 of 2: expected /^B/, but something else answers: "${'x'.repeat(60)}…"`));
});

test('closed before a word is a reset', async (t) => {
  const said = await scripted((socket) => setTimeout(() => socket.end(), 50), steps({ expect: '^hello' }));
  t.is(said.outcome, 'reset');
});

test('without steps there is nothing to be said, and the connection is the proof', async (t) => {
  const nothing = tcp.settings.parse({});
  t.false(tcp.speaks(nothing));
  t.true(tcp.speaks(tcp.settings.parse({ tls: true })));
  t.deepEqual(await scripted(() => {}, nothing), open('accepted the connection'));
  t.is(makeService('tcp', { steps: [{ expect: '^hello' }] }).label, 'tcp 1 step');
});

const refused: readonly (readonly [settings: unknown, sentence: string])[] = [
  [[{}], 'one of send, expect and starttls'],
  [[{ send: 'PING\r\n' }], 'at least one step that expects something: what is only sent proves nothing'],
  [[{ expect: '(' }], 'a regular expression: Invalid regular expression: /(/m: Unterminated group'],
  [[{ expect: '^(a)' }, { send: `\${2}`, expect: 'b' }], 'no group that the last pattern before it does not have'],
  [[{ send: `\${1}`, expect: '(a)' }], 'no group that the last pattern before it does not have'],
  [[{ expect: { hex: '00' } }, { send: `\${0}` }], 'no group that the last pattern before it does not have'],
  [[{ expect: { hex: '0' } }], 'bytes in hexadecimal: "00 01 ff"'],
];
for (const [given, sentence] of refused) {
  test(`refused steps: ${JSON.stringify(given)}`, (t) => {
    const { error } = tcp.settings.safeParse({ steps: given });
    t.true(JSON.stringify(error?.issues).includes(JSON.stringify(sentence).slice(1, -1)), error?.message);
  });
}
