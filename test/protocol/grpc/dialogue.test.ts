import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer as createTlsServer } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import type { DialogueContext } from '#src/model/dialogue.js';
import type { DialogueProblem } from '#src/model/observation.js';
import { grpc } from '#src/protocol/grpc/dialogue.js';
import { type Certificate, createCertificates } from '../../lab/certificates.js';
import { type GrpcOptions, startGrpc } from '../../lab/servers/grpc.js';
import { type Server, serverUnavailable } from '../../lab/servers/server.js';
import { testNeeding } from '../../needing.js';
import { converseAt, writeInPieces } from '../converse.js';
import { converseWith } from '../scripted-server.js';
import { patientMs } from '../speak.js';

const certificates = createCertificates();
let identity: Certificate;

test.before(async () => {
  identity = await certificates.issue({ commonName: 'grpc.example', names: ['IP:127.0.0.1'] });
});
test.after.always(() => certificates.remove());

/** A test with Node's HTTP/2 server and gRPC's health service. */
function grpcTest(
  title: string,
  options: () => GrpcOptions,
  run: (t: ExecutionContext, server: Server) => Promise<void>,
): void {
  testNeeding(serverUnavailable(), title, async (t) => {
    const server = await startGrpc(options());
    try {
      await run(t, server);
    } finally {
      await server.stop();
    }
  });
}

/** Holds the dialogue with a server that listens. */
const at = (place: { readonly port: number }, settings = {}, over: Partial<DialogueContext> = {}) =>
  converseAt(grpc, place, settings, { timeoutMs: patientMs, ...over });

/** Holds the dialogue with a server that speaks from a script. */
const scripted = (serve: (socket: Socket) => void, over: Partial<DialogueContext> = {}) =>
  converseWith(grpc, grpc.settings.parse({}), serve, { timeoutMs: patientMs, ...over });

const open = (detail: string) => ({ kind: 'dialogue', service: 'grpc', outcome: 'open', detail }) as const;
const mismatch = (detail: string, problem: DialogueProblem = 'answer') =>
  ({ ...open(detail), outcome: 'mismatch', problem }) as const;

grpcTest(
  'a server that is SERVING is open, and one service of it that is not is a mismatch',
  () => ({ health: { '': 'SERVING', reports: 'NOT_SERVING' } }),
  async (t, server) => {
    t.deepEqual(await at(server), open('a gRPC server answered; its health is SERVING'));
    t.deepEqual(
      await at(server, { service: 'reports' }),
      mismatch('gRPC answers and the path is fine, but the health of reports is NOT_SERVING'),
    );
    t.deepEqual(
      await at(server, { service: 'x'.repeat(200) }),
      mismatch(`gRPC answers, but its health service knows no ${'x'.repeat(200)}`),
    );
    t.deepEqual(await at(server, { health: false }), open('an HTTP/2 server answered with its SETTINGS'));
    // Every session was ended in order, and none of them failed.
    const sessions = Array.from({ length: 4 }, () => ['session', 'session closed']).flat();
    const logged = () =>
      server
        .log()
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('POST'));
    for (let tries = 0; tries < 250 && logged().length < sessions.length; tries++) await sleep(20);
    t.deepEqual(logged().sort(), sessions.sort());
  },
);

grpcTest(
  'a server without a health service is gRPC all the same',
  () => ({}),
  async (t, server) => {
    const answered = open('a gRPC server answered that has no health service (UNIMPLEMENTED)');
    t.deepEqual(await at(server), answered);
    t.deepEqual(await at(server, { service: 'reports' }), {
      ...answered,
      warning: 'the server has no health service, so the health of reports cannot be told',
    });
  },
);

grpcTest(
  'over TLS a server is identified by both',
  () => ({ tls: identity, health: { '': 'SERVING' } }),
  async (t, server) => {
    const materials = { file: () => Buffer.from(identity.certificate), secret: () => '' };
    t.deepEqual(
      await at(server, grpc.settings.parse({ tls: { ca: { file: 'ca.pem' } } }), { materials }),
      open('a gRPC server answered; its health is SERVING, over TLS 1.3, certificate of grpc.example'),
    );
    const plain = await at(server);
    t.not(plain.outcome, 'open');
  },
);

/** An HTTP/2 server that answers every request like this. */
async function answersWith(
  t: ExecutionContext,
  respond: (stream: ServerHttp2Stream) => void,
  settings = {},
  timeoutMs = patientMs,
) {
  const server = createHttp2Server();
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => sessions.add(session));
  server.on('stream', (stream) => {
    stream.on('error', () => {});
    respond(stream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  return at({ port: (server.address() as AddressInfo).port }, settings, { timeoutMs });
}

const statuses: readonly (readonly [status: string, said: object])[] = [
  ['5', open('a gRPC server answered, whose health service says nothing of the whole server')],
  ['7', open('a gRPC server answered that does not show its health to strangers (PERMISSION_DENIED)')],
  ['16', open('a gRPC server answered that does not show its health to strangers (UNAUTHENTICATED)')],
  ['13', { ...open('a gRPC server answered (INTERNAL)'), warning: "the server's health check fails with INTERNAL" }],
  [
    '14',
    mismatch('gRPC answers, but UNAVAILABLE: the path is fine, and the service behind it is down', 'upstream-down'),
  ],
  ['99', { ...open('a gRPC server answered (status 99)'), warning: "the server's health check fails with status 99" }],
];
for (const [status, said] of statuses) {
  test(`status ${status}`, async (t) => {
    const answer = (stream: ServerHttp2Stream) =>
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc+proto', 'grpc-status': status },
        { endStream: true },
      );
    t.deepEqual(await answersWith(t, answer), said as never);
  });
}

test('HTTP/2 without gRPC is a mismatch, unless nobody asks for gRPC', async (t) => {
  const notFound = (stream: ServerHttp2Stream) => stream.respond({ ':status': 404 }, { endStream: true });
  t.deepEqual(
    await answersWith(t, notFound),
    mismatch('an HTTP/2 server answers that is not gRPC: HTTP status 404', 'stranger'),
  );
  const page = (stream: ServerHttp2Stream) => {
    stream.respond({ ':status': 200, 'content-type': 'text/html' });
    stream.end('x'.repeat(200_000));
  };
  t.deepEqual(
    await answersWith(t, page),
    mismatch('an HTTP/2 server answers that is not gRPC: HTTP status 200', 'stranger'),
  );
  t.is((await answersWith(t, notFound, { health: false })).outcome, 'open');
});

test('a request that is reset, or left unanswered, says so', async (t) => {
  const reset = (stream: ServerHttp2Stream) => stream.close(7);
  t.deepEqual(
    await answersWith(t, reset),
    mismatch(
      'an HTTP/2 server answers, and then resets the request (REFUSED_STREAM), where gRPC answers a health check',
    ),
  );
  const silent = await answersWith(t, () => {}, {}, 3000);
  t.is(silent.outcome, 'mismatch');
  t.regex(silent.detail, /^an HTTP\/2 server answers, and then is silent for [\d.]+ s, where gRPC answers/);
});

test('an HTTP/1.1 server is a stranger', async (t) => {
  const server = createHttpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const said = await at({ port: (server.address() as AddressInfo).port });
  t.is(said.outcome, 'mismatch');
  t.regex(said.detail, /^an HTTP server answers/);
});

// Frames as RFC 9113 writes them: SETTINGS; HEADERS in two parts with padding and priority, indexed :status 200, literal
// content-type in Huffman's code; DATA with padding; a PING in between; trailers with a literal grpc-status 0.
const script = [
  '000006 04 00 00000000 0003 00000064',
  '000000 04 01 00000000',
  '000008 06 00 00000000 0102030405060708',
  '00000a 01 28 00000001 02 00000000 10 88 5f 0000',
  '00000c 09 04 00000001 8b 1d75d0620d263d4c4d6564',
  '00000a 00 08 00000001 02 00 00000002 0801 0000',
  '00000f 01 05 00000001 40 0b 677270632d737461747573 01 30',
].map((frame) => Buffer.from(frame.replaceAll(' ', ''), 'hex'));

test('the answer is the same however its bytes are cut', async (t) => {
  const [settings, ...rest] = [script[0]!, Buffer.concat(script.slice(1))];
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 8 }), async (sizes) => {
      const heard: Buffer[] = [];
      const said = await scripted((socket: Socket) => {
        socket.on('data', (chunk) => heard.push(chunk));
        writeInPieces(socket, settings, sizes);
        writeInPieces(socket, Buffer.concat(rest), sizes);
      });
      t.deepEqual(said, open('a gRPC server answered; its health is SERVING'));
      const words = Buffer.concat(heard);
      t.true(words.includes(Buffer.from('0000080601000000000102030405060708', 'hex')), 'the PING was answered');
      t.true(words.includes(Buffer.from('000000040100000000', 'hex')), 'the SETTINGS were acknowledged');
      t.true(words.subarray(-17).equals(Buffer.from(`000008070000000000${'00'.repeat(8)}`, 'hex')), 'GOAWAY came last');
    }),
    { numRuns: 20 },
  );
});

test('a TLS server that does not agree on h2 is open, with a warning', async (t) => {
  const { certificate, key } = identity;
  const answer = Buffer.concat(script);
  const server = createTlsServer({ cert: certificate, key }, (socket) => socket.on('error', () => {}).write(answer));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const place = { port: (server.address() as AddressInfo).port };
  const said = await at(place, grpc.settings.parse({ tls: { verify: 'no' } }));
  t.deepEqual(said, {
    ...open('a gRPC server answered; its health is SERVING, over TLS 1.3, certificate of grpc.example'),
    warning: 'the TLS server does not choose h2 by ALPN, and most gRPC clients insist on that',
  });
});

test('random bytes after the SETTINGS are never open, and never make the dialogue fail', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 80 }), async (random) => {
      const said = await scripted((socket) => socket.end(Buffer.concat([script[0]!, random])));
      t.is(said.outcome, 'mismatch');
    }),
    { numRuns: 20 },
  );
});

test('closed before a word is a reset, silence a mismatch', async (t) => {
  t.is((await scripted((socket) => setTimeout(() => socket.end(), 50))).outcome, 'reset');
  const silent = await scripted(() => {}, { timeoutMs: 300 });
  t.is(silent.outcome, 'mismatch');
  t.regex(silent.detail, /^connected, then silent for [\d.]+ s, where HTTP\/2 servers answer with SETTINGS$/);
});
