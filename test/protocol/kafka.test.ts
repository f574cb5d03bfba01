import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:tls';
import test from 'ava';
import fc from 'fast-check';
import type { DialogueContext } from '#src/model/dialogue.js';
import { kafka } from '#src/protocol/kafka.js';
import { type Certificate, createCertificates } from '../lab/certificates.js';
import { startRedis } from '../lab/servers/redis.js';
import { serverUnavailable } from '../lab/servers/server.js';
import { testNeeding } from '../needing.js';
import { converseAt, writeInPieces } from './converse.js';
import { converseWith } from './scripted-server.js';
import { patientMs } from './speak.js';

const certificates = createCertificates();
let identity: Certificate;

test.before(async () => {
  identity = await certificates.issue({ commonName: 'kafka-1', names: ['IP:127.0.0.1'] });
});
test.after.always(() => certificates.remove());

// No broker can be had here. These are the bytes that https://kafka.apache.org/protocol gives for ApiVersions, version 0:
// length, API 18, version 0, correlation id, client id; and length, correlation id, error, and 6 bytes for each API.
const request = Buffer.from('00000012 0012 0000 706f7274 0008 706f72746f6c616e'.replaceAll(' ', ''), 'hex');
const apis = ['0000 0000 0009', '0001 0000 000d', '0003 0000 000c', '0012 0000 0003'];
const answer = bytes(`00000022 706f7274 0000 00000004 ${apis.join(' ')}`);
const unsupported = bytes('00000010 706f7274 0023 00000001 0012 0000 0003');

function bytes(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex');
}

/** Holds the dialogue with a server that listens. */
const at = (place: { readonly port: number }, settings = {}, over: Partial<DialogueContext> = {}) =>
  converseAt(kafka, place, settings, { timeoutMs: patientMs, ...over });

/** Holds the dialogue with a server that speaks from a script. */
const scripted = (serve: (socket: Socket) => void, over: Partial<DialogueContext> = {}) =>
  converseWith(kafka, kafka.settings.parse({}), serve, { timeoutMs: patientMs, ...over });

const open = (detail: string) => ({ kind: 'dialogue', service: 'kafka', outcome: 'open', detail }) as const;

/** Answers as a broker does once the whole request has come. */
function broker(reply: Buffer, sizes: readonly number[] = []) {
  return (socket: Socket) => {
    let heard = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      heard = Buffer.concat([heard, chunk]);
      if (heard.equals(request)) writeInPieces(socket, reply, sizes);
    });
  };
}

test('a broker is identified, however its bytes are cut', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 8 }), async (sizes) => {
      t.deepEqual(await scripted(broker(answer, sizes)), open('a Kafka broker answered ApiVersions with 4 APIs'));
    }),
    { numRuns: 20 },
  );
});

test('a broker that knows only later versions of ApiVersions is identified', async (t) => {
  t.deepEqual(
    await scripted(broker(unsupported)),
    open('a Kafka broker answered ApiVersions, in a later version only (35)'),
  );
});

test('a broker that answers with another error is identified, with a warning', async (t) => {
  const said = await scripted(broker(bytes('0000000a 706f7274 003a 00000000')));
  t.is(said.outcome, 'open');
  t.is(said.warning, 'the broker refuses even ApiVersions, with error 58: clients will not get further');
});

const strangers: readonly (readonly [title: string, hex: string])[] = [
  ['another correlation id', '00000022 00000001 0000 00000004'],
  ['a length that does not fit the number of APIs', '00000010 706f7274 0000 00000002 0012 0000 0003'],
  ['a negative number of APIs', '0000000a 706f7274 0000 ffffffff'],
  ['a length beyond all bounds', '7fffffff 706f7274 0000 00000004'],
  ['the request itself', request.toString('hex')],
];
for (const [title, hex] of strangers) {
  test(`${title} is a mismatch`, async (t) => {
    const said = await scripted(broker(bytes(hex)));
    t.is(said.outcome, 'mismatch');
    t.regex(said.detail, /^something answers in an unknown protocol: [0-9a-f]+…?$/);
  });
}

test('random bytes are never a broker, and never make the dialogue fail', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 64 }), async (random) => {
      const said = await scripted((socket) => socket.end(random));
      t.is(said.outcome, 'mismatch');
    }),
    { numRuns: 20 },
  );
});

test('a TLS listener that is spoken to in plain text says so', async (t) => {
  const said = await scripted((socket) => socket.end(bytes('15 03 03 00 02 02 50')));
  t.is(said.outcome, 'mismatch');
  t.regex(said.detail, /^a TLS server answers/);
});

test('over TLS a broker is identified by both', async (t) => {
  const { certificate, key } = identity;
  const server = createServer({ cert: certificate, key }, broker(answer)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const said = await at(
    { port: (server.address() as AddressInfo).port },
    kafka.settings.parse({ tls: { ca: { file: 'ca.pem' } } }),
    { materials: { file: () => Buffer.from(certificate), secret: () => '' } },
  );
  t.deepEqual(said, open('a Kafka broker answered ApiVersions with 4 APIs, over TLS 1.3, certificate of kafka-1'));
});

test('closed before a word is a reset, silence a mismatch', async (t) => {
  t.is((await scripted((socket) => setTimeout(() => socket.end(), 50))).outcome, 'reset');
  const silent = await scripted(() => {}, { timeoutMs: 300 });
  t.is(silent.outcome, 'mismatch');
  t.regex(silent.detail, /^connected, then silent for [\d.]+ s, where Kafka answers ApiVersions$/);
});

testNeeding(serverUnavailable('redis-server'), 'a real Redis is no broker', async (t) => {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const said = await at(redis, {}, { timeoutMs: 500 });
  t.is(said.outcome, 'mismatch');
});
