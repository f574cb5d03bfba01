import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import test from 'ava';
import fc from 'fast-check';
import type { DialogueContext } from '#src/model/dialogue.js';
import type { ServiceSettings } from '#src/model/service.js';
import { toRules } from '#src/protocol/over-tls.js';
import { redis } from '#src/protocol/redis.js';
import { makeService } from '#src/protocol/service.js';
import { createCertificates } from '../lab/certificates.js';
import { redisUnavailable, startRedis } from '../lab/servers/redis.js';
import { testNeeding } from '../needing.js';
import { bareConnect, converseAt, writeInPieces } from './converse.js';
import { converseWith } from './scripted-server.js';
import { serverTests } from './server-test.js';
import { patientMs } from './speak.js';

/** A test with a real Redis. */
const redisTest = serverTests(redisUnavailable(), startRedis);

const certificates = createCertificates();
test.after.always(() => certificates.remove());
const selfSigned = () => certificates.issue({ commonName: 'lab' });
const scripted = (serve: (socket: Socket) => void, settings: object = {}, over: Partial<DialogueContext> = {}) =>
  converseWith(redis, settings as ServiceSettings, serve, { timeoutMs: patientMs, ...over });
const open = (detail: string) => ({ kind: 'dialogue', service: 'redis', outcome: 'open', detail }) as const;
const password = { env: 'REDIS_PASSWORD' };
const secretly = (secret: string) => ({ materials: { file: () => Buffer.alloc(0), secret: () => secret } });

redisTest('Redis answers PING, and neither this nor a bare connect leaves a line in its log', {}, async (t, server) => {
  const before = server.log();
  t.deepEqual(await converseAt(redis, server), open('Redis answers PING'));
  await bareConnect(server);
  await converseAt(redis, server);
  t.is(server.log(), before);
});

redisTest('a demand for a password identifies Redis', { password: 'open sesame' }, async (t, server) => {
  t.deepEqual(await converseAt(redis, server), open('Redis answers, and asks for a password'));
});

redisTest(
  'a password that the inventory names opens the way to PING',
  { password: 'open\r\nsesame' },
  async (t, server) => {
    const right = secretly('open\r\nsesame');
    t.deepEqual(await converseAt(redis, server, { password }, right), open('Redis answers PING'));
    t.deepEqual(await converseAt(redis, server, { password, user: 'default' }, right), open('Redis answers PING'));
    const wrong = {
      ...open('Redis answers, and refuses the password'),
      warning: 'it refuses the user or the password that the inventory names: clients that use them are turned away',
    };
    t.deepEqual(await converseAt(redis, server, { password }, secretly('knock')), wrong);
    t.deepEqual(await converseAt(redis, server, { password, user: 'nobody' }, right), wrong);
  },
);

redisTest('a password that nobody asks for is worth a warning', {}, async (t, server) => {
  t.deepEqual(await converseAt(redis, server, { password }, secretly('knock')), {
    ...open('Redis answers, and has no password set'),
    warning: 'the inventory names a password, and the server has none: whoever reaches it is let in',
  });
});

testNeeding(redisUnavailable(), 'Redis with TLS answers PING, and is left without a complaint', async (t) => {
  const server = await startRedis({ tls: await selfSigned() });
  try {
    const ready = server.log();
    const said = await converseAt(redis, server, { tls: { ...toRules(true), verify: 'no' } });
    t.is(said.outcome, 'open');
    t.regex(said.detail, /^Redis answers PING, over TLS 1\.3, certificate of /);
    t.is(server.log(), ready);
    const distrusting = await converseAt(redis, server, { tls: true });
    t.is(distrusting.outcome, 'mismatch');
    t.regex(distrusting.detail, /^answers with TLS 1\.3, but its certificate /);
    t.is((await converseAt(redis, server)).outcome, 'reset');
  } finally {
    await server.stop();
  }
});

test('only Redis is told the password, and the transcript which bytes it is', async (t) => {
  const sent: (readonly [words: string, secrets: readonly string[]])[] = [];
  const transcript = {
    note() {},
    received() {},
    phase() {},
    sent: (bytes: Buffer, secrets: readonly Buffer[] = []) => sent.push([String(bytes), secrets.map(String)]),
  };
  const over = { ...secretly('knock'), transcript };
  const answers = ['-NOAUTH Authentication required.\r\n', '+OK\r\n', '+PONG\r\n'];
  const redisLike = (socket: Socket) => socket.on('data', () => socket.write(answers.shift() ?? '+OK\r\n'));
  t.deepEqual(await scripted(redisLike, { password }, over), open('Redis answers PING'));
  t.deepEqual(sent, [
    ['PING\r\n', []],
    ['*2\r\n$4\r\nAUTH\r\n$5\r\nknock\r\n', ['knock']],
    ['PING\r\n', []],
    ['QUIT\r\n', []],
  ]);

  sent.length = 0;
  const stranger = (socket: Socket) => socket.on('data', () => socket.write('ERROR\r\n'));
  t.is((await scripted(stranger, { password }, over)).outcome, 'mismatch');
  t.deepEqual(sent, [['PING\r\n', []]]);
});

const elsewhere = '198.51.100.79';
redisTest(
  'protected mode is open with a warning, for it speaks unasked and refuses whoever is elsewhere',
  { address: '0.0.0.0' },
  async (t, server) => {
    spawnSync('ip', ['address', 'add', `${elsewhere}/32`, 'dev', 'lo']);
    // Many times: the refusal and our PING cross each other.
    for (let count = 0; count < 50; count++) {
      t.deepEqual(await converseAt(redis, { address: elsewhere, port: server.port }), {
        ...open('Redis answers, and is in protected mode'),
        warning:
          'protected mode refuses every client that is not on its own host: set a password (requirepass), or `protected-mode no` where the network guards it',
      });
    }
  },
);

redisTest(
  'a server at its limit of clients is open with a warning',
  { arguments: ['--maxclients', '1'] },
  async (t, server) => {
    const held = connect({ host: server.address, port: server.port });
    await once(held, 'connect');
    held.write('PING\r\n');
    await once(held, 'data');
    const said = await converseAt(redis, server);
    held.destroy();
    t.deepEqual(said, {
      ...open('Redis answers, and turns clients away'),
      warning: 'the server is at its limit of connections (maxclients): clients are turned away',
    });
  },
);

redisTest(
  'a replica without its master is open with a warning',
  { arguments: ['--replicaof', '127.0.0.1 1', '--replica-serve-stale-data', 'no'] },
  async (t, server) => {
    const said = await converseAt(redis, server);
    t.is(said.detail, 'Redis answers, and has lost its master');
    t.regex(said.warning ?? '', /^the server is a replica whose master is out of reach/);
  },
);

redisTest(
  'a server without PING is Redis all the same',
  { arguments: ['--rename-command', 'PING', ''] },
  async (t, server) => {
    t.deepEqual(await converseAt(redis, server), open('Redis answers, and has another name for PING'));
  },
);

const errors: readonly (readonly [line: string, detail: string, warning: RegExp | undefined])[] = [
  ['-LOADING Redis is loading the dataset in memory', 'Redis answers, and is loading its data', /still loading/],
  ['-MISCONF Redis is configured to save RDB snapshots', 'Redis answers, and cannot save its data', /to disk/],
  ['-BUSY Redis is busy running a script.', 'Redis answers, and is busy with a script', /does not end/],
  ['-NOPERM this user has no permissions', 'Redis answers, and allows its user no PING', undefined],
  ['-ERR operation not permitted', 'Redis answers, and asks for a password', undefined],
  [
    '-CLUSTERDOWN The cluster is down',
    'Redis answers with an error',
    /^the server said: "-CLUSTERDOWN The cluster is down"$/,
  ],
];
for (const [line, detail, warning] of errors) {
  test(`${line} identifies Redis`, async (t) => {
    const said = await scripted((socket) => socket.end(`${line}\r\n`));
    t.like(said, open(detail));
    if (warning === undefined) t.is(said.warning, undefined);
    else t.regex(said.warning ?? '', warning);
  });
}

const strangers: readonly (readonly [words: string, detail: string])[] = [
  ['+OK POP3 server ready\r\n', 'a POP3 server answers: "+OK POP3 server ready"'],
  ['-ERR [SYS/TEMP] try again\r\n', 'something answers PING with what Redis does not say: "-ERR [SYS/TEMP] try again"'],
  ['ERROR\r\n', 'something else answers: "ERROR"'],
  ['HTTP/1.1 400 Bad Request\r\n\r\n', 'an HTTP server answers: "HTTP/1.1 400 Bad Request"'],
  ['SSH-2.0-OpenSSH_9.2p1\r\n', 'an SSH server answers: "SSH-2.0-OpenSSH_9.2p1"'],
  ['\x15\x03\x01\x00\x02\x02\x46', 'a TLS server answers with an alert: protocol_version'],
  [`+${'x'.repeat(5000)}`, `something else answers: "+${'x'.repeat(59)}…"`],
];
for (const [words, detail] of strangers) {
  test(`${JSON.stringify(words.trim().slice(0, 40))} is a mismatch`, async (t) => {
    const said = await scripted((socket) => socket.write(Buffer.from(words, 'latin1')));
    t.deepEqual(said, { kind: 'dialogue', service: 'redis', outcome: 'mismatch', detail, problem: 'stranger' });
  });
}

test('silence is a mismatch, and a close without a word a reset', async (t) => {
  const silent = await scripted(() => {}, {}, { timeoutMs: 300 });
  t.is(silent.outcome, 'mismatch');
  t.regex(silent.detail, /^connected, then silent for [\d.]+ s, where Redis answers PING$/);
  const closed = await scripted((socket) => setTimeout(() => socket.end(), 50));
  t.is(closed.outcome, 'reset');
});

test('the answer is the same however its bytes are cut', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 5 }), async (sizes) => {
      const serve = (socket: Socket) =>
        socket.once('data', () => writeInPieces(socket, Buffer.from('-NOAUTH Authentication required.\r\n'), sizes));
      t.deepEqual(await scripted(serve), open('Redis answers, and asks for a password'));
    }),
    { numRuns: 20 },
  );
});

test('garbage is never more than a mismatch or a reset', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), async (bytes) => {
      const said = await scripted((socket) => socket.end(Buffer.from(bytes)));
      t.not(said.outcome, 'open');
    }),
    { numRuns: 30 },
  );
});

test('a user without a password is refused', (t) => {
  const error = t.throws(() => makeService('redis', { user: 'app' }));
  t.regex(error.message, /a user is of use only with a password/);
});
