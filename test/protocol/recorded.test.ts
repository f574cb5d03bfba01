import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:tls';
import test from 'ava';
import fc from 'fast-check';
import { db2 } from '#src/protocol/db2.js';
import type { ServiceDefinition } from '#src/protocol/definition.js';
import { oracle } from '#src/protocol/oracle.js';
import { describeStranger } from '#src/protocol/stranger.js';
import { tds } from '#src/protocol/tds.js';
import { type Certificate, createCertificates } from '../lab/certificates.js';
import { converseAt, writeInPieces } from './converse.js';
import { answering, converseWith, recording } from './scripted-server.js';

// What holds of every dialogue whose server cannot be had here: how it meets strangers, silence and broken answers. Each
// is given by one answer that identifies its service; where the recordings come from is said in the tests of each.

const certificates = createCertificates();
let certificate: Certificate;

test.before(async () => {
  certificate = await certificates.issue({ commonName: 'recorded-1', names: ['IP:127.0.0.1'] });
});
test.after.always(() => certificates.remove());

interface Recorded {
  readonly dialogue: ServiceDefinition;
  /** By which setting it speaks TLS. */
  readonly overTls: 'tls' | 'strict';
  /** What it asks for by ALPN. */
  readonly alpn?: string;
  readonly answer: Buffer;
  /** "where Redis answers PING". */
  readonly expected: string;
  /** How an answer that broke off is called. */
  readonly brokenOff: string;
  readonly closed: string;
  /** An answer that promises more than it brings, and one whose length no server of the kind would send. */
  readonly promising: Buffer;
  readonly absurd: Buffer;
}

const recorded: readonly Recorded[] = [
  {
    dialogue: oracle,
    overTls: 'tls',
    answer: recording(`0041 0000 04 00 0000 22 00 0035
      284445534352495054494f4e3d28544d503d292856534e4e554d3d3029284552523d302928414c4941533d4c495354454e45522929`),
    expected: 'an Oracle listener answers CONNECT',
    brokenOff: 'an answer that begins as a TNS packet breaks off',
    closed: 'connected, then closed without an answer, as a listener does whose tcp.validnode_checking bars the source',
    promising: recording('2000 0000 04 00 0000 22 00 0035'),
    absurd: recording('ffff 0000 04 00 0000'),
  },
  {
    dialogue: tds,
    overTls: 'strict',
    alpn: 'tds/8.0',
    answer: recording('04 01 00 1a 00 00 01 00 00 00 0b 00 06 01 00 11 00 01 ff 10 00 03 e8 00 00 01'),
    expected: 'SQL Server answers PRELOGIN',
    brokenOff: 'an answer that begins as TDS breaks off',
    closed: 'connected, then closed before anything was said',
    promising: recording('04 01 10 00 00 00 01 00 00'),
    absurd: recording('04 01 ff ff 00 00 01 00'),
  },
  {
    dialogue: db2,
    overTls: 'tls',
    answer: recording('0017 d003 0001 0011 1443 000d 1147 d8c4c2f261d5e3f6f4'),
    expected: 'Db2 answers EXCSAT',
    brokenOff: 'an answer that begins as DRDA breaks off',
    closed: 'connected, then closed before anything was said',
    promising: recording('0800 d003 0001'),
    absurd: recording('ffff d003 0001'),
  },
];

const greetings = [
  'HTTP/1.1 400 Bad Request\r\n\r\n',
  'SSH-2.0-OpenSSH_9.2p1\r\n',
  "-ERR unknown command 'GET'\r\n",
  '220 ready\r\n',
  '\x15\x03\x01\x00\x02\x02\x46',
].map((greeting) => Buffer.from(greeting, 'latin1'));

for (const { alpn, answer, dialogue, expected, overTls, brokenOff, closed, promising, absurd } of recorded) {
  const { service } = dialogue;
  const mismatch = (detail: string, problem: string) =>
    ({ kind: 'dialogue', service, outcome: 'mismatch', detail, problem }) as const;

  test(`${service}: an answer is the same however its bytes are cut`, async (t) => {
    const whole = await converseWith(dialogue, {}, answering(answer));
    t.is(whole.outcome, 'open');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 6 }), async (cuts) => {
        const inPieces = (socket: Socket) => socket.once('data', () => writeInPieces(socket, answer, cuts));
        t.deepEqual(await converseWith(dialogue, {}, inPieces), whole);
      }),
      { numRuns: 20 },
    );
  });

  test(`${service}: what follows an answer changes nothing`, async (t) => {
    const whole = await converseWith(dialogue, {}, answering(answer));
    t.deepEqual(await converseWith(dialogue, {}, answering(Buffer.concat([answer, Buffer.from('more')]))), whole);
  });

  for (const greeting of greetings) {
    const detail = describeStranger(greeting);
    test(`${service}: ${detail} is a mismatch, greeted or in answer`, async (t) => {
      t.deepEqual(await converseWith(dialogue, {}, (socket) => socket.write(greeting)), mismatch(detail, 'stranger'));
      t.deepEqual(await converseWith(dialogue, {}, answering(greeting)), mismatch(detail, 'stranger'));
    });
  }

  for (const other of recorded.filter((each) => each.dialogue !== dialogue)) {
    test(`${service}: the answer of ${other.dialogue.service} is a mismatch`, async (t) => {
      const { outcome } = await converseWith(dialogue, {}, answering(other.answer));
      t.is(outcome, 'mismatch');
    });
  }

  test(`${service}: silence is a mismatch, and says for how long`, async (t) => {
    const { outcome, detail } = await converseWith(dialogue, {}, () => {}, { timeoutMs: 300 });
    t.is(outcome, 'mismatch');
    t.regex(detail, new RegExp(`^connected, then silent for \\d+\\.\\d s, where ${expected}$`));
  });

  test(`${service}: a connection that is closed or reset without a word is a reset`, async (t) => {
    for (const close of [(socket: Socket) => socket.end(), (socket: Socket) => socket.resetAndDestroy()]) {
      const serve = (socket: Socket) => setTimeout(() => close(socket), 50);
      t.deepEqual(await converseWith(dialogue, {}, serve), {
        kind: 'dialogue',
        service,
        outcome: 'reset',
        detail: closed,
      });
    }
  });

  test(`${service}: an answer that breaks off is a mismatch, by its end or by silence`, async (t) => {
    const half = answer.subarray(0, answer.length - 3);
    t.deepEqual(
      await converseWith(dialogue, {}, (socket) => socket.once('data', () => socket.end(half))),
      mismatch(brokenOff, 'answer'),
    );
    t.deepEqual(
      await converseWith(dialogue, {}, answering(promising), { timeoutMs: 1500 }),
      mismatch(brokenOff, 'answer'),
    );
  });

  test(`${service}: a length that no server of its kind would send is not waited for`, async (t) => {
    const { outcome, detail } = await converseWith(dialogue, {}, answering(absurd), { timeoutMs: 60_000 });
    t.is(outcome, 'mismatch');
    t.regex(detail, /^something answers in an unknown protocol: /);
  });

  test(`${service}: no garbage makes it throw, and none is identified`, async (t) => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 80 }), fc.boolean(), async (bytes, disguised) => {
        // Half of it begins as an answer does, so that it gets as far as the parser.
        const garbage = disguised ? Buffer.concat([answer.subarray(0, 8), bytes]) : Buffer.from(bytes);
        const serve = (socket: Socket) => socket.once('data', () => socket.end(garbage));
        const { outcome } = await converseWith(dialogue, {}, serve);
        t.not(outcome, disguised ? 'reset' : 'open');
      }),
      { numRuns: 40 },
    );
  });

  test(`${service}: it ends with FIN, and says nothing after it`, async (t) => {
    const end = await new Promise<string>((resolve, reject) => {
      converseWith(dialogue, {}, (socket) => {
        answering(answer)(socket);
        socket.once('end', () => resolve('FIN'));
        socket.once('error', () => resolve('RST'));
      }).catch(reject);
    });
    t.is(end, 'FIN');
  });

  test(`${service}: over TLS it is identified by the same answer, and its certificate is told`, async (t) => {
    const protocols: (string | false | null)[] = [];
    const identity = { cert: certificate.certificate, key: certificate.key, ALPNProtocols: ['http/1.1', 'tds/8.0'] };
    const server = createServer(identity, (socket) => {
      protocols.push(socket.alpnProtocol);
      socket.on('error', () => {});
      answering(answer)(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.teardown(() => server.close());
    const { port } = server.address() as AddressInfo;
    const materials = { file: () => Buffer.from(certificate.certificate), secret: () => '' };
    const settings = { [overTls]: { ca: { file: '/ca.pem' } } };
    const said = await converseAt(dialogue, { port }, settings, { materials, timeoutMs: 10_000 });
    t.is(said.outcome, 'open', said.detail);
    t.regex(said.detail, /answers\b.*, over TLS 1\.3, certificate of recorded-1$/);
    t.deepEqual(protocols, [alpn ?? false]);
    t.not((await converseAt(dialogue, { port })).outcome, 'open');
    t.deepEqual(protocols.length, 1);
  });

  test(`${service}: an interruption rejects with its reason`, async (t) => {
    const controller = new AbortController();
    const reason = new Error('interrupted');
    const serve = (socket: Socket) => socket.once('data', () => controller.abort(reason));
    await t.throwsAsync(converseWith(dialogue, {}, serve, { signal: controller.signal, timeoutMs: 60_000 }), {
      is: reason,
    });
  });
}
