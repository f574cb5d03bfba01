import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import type { DialogueContext, Said } from '#src/model/dialogue.js';
import type { ServiceSettings } from '#src/model/service.js';
import { exasol } from '#src/protocol/exasol/dialogue.js';
import { type Certificate, type Certificates, createCertificates } from '../../lab/certificates.js';
import { opensslUnavailable } from '../../lab/servers/openssl.js';
import { testNeeding } from '../../needing.js';
import { speak } from '../speak.js';

// Exasol cannot be had here. The server is a script, over real TLS with a self-signed certificate, as Exasol's own is: what
// it says is taken byte by byte from RFC 6455 (1.3, 4.2.2, 5.5.1), which Exasol's WebSocket API follows
// (https://github.com/exasol/websocket-api/blob/master/docs/WebsocketAPIV1.md).

let certificates: Certificates;
let identity: Certificate;

test.before(async () => {
  if (opensslUnavailable() !== undefined) return;
  certificates = createCertificates();
  identity = await certificates.issue({ commonName: '*.exacluster.local' });
});

test.after.always(() => certificates?.remove());

const handshake = 'TLS 1.3, certificate of *.exacluster.local';

/** Speaks to a server that treats its connections so. */
async function meet(
  t: ExecutionContext,
  treat: (socket: TLSSocket) => void,
  settings: ServiceSettings = {},
  over: Partial<DialogueContext> = {},
): Promise<Said> {
  const server = createServer({ cert: identity.certificate, key: identity.key, allowHalfOpen: true }, (socket) => {
    socket.on('error', (error) => t.fail(error.message));
    treat(socket);
  });
  server.on('tlsClientError', () => {});
  t.teardown(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return speak(exasol, (server.address() as AddressInfo).port, settings, over);
}

function dialogueTest(title: string, implementation: (t: ExecutionContext) => Promise<void>): void {
  testNeeding(opensslUnavailable(), title, implementation);
}

/** Answers one request, and a Close frame with its own; tells all that came. */
function answering(answer: (key: string) => readonly (string | Buffer)[]): {
  readonly treat: (socket: TLSSocket) => void;
  readonly heard: () => string;
} {
  let heard = '';
  const treat = (socket: TLSSocket) => {
    let answered = false;
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
      const [request = '', rest] = heard.split('\r\n\r\n');
      if (rest !== undefined && !answered) {
        answered = true;
        for (const part of answer(/^Sec-WebSocket-Key: (.*)$/m.exec(request)![1]!)) socket.write(part);
      }
      if (rest?.length === 8) socket.end(Buffer.from('880203e8', 'hex'));
    });
    socket.on('end', () => socket.end());
  };
  return { treat, heard: () => heard };
}

const switching = (accept: string) =>
  `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
const acceptOf = (key: string) =>
  createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');

dialogueTest('a handshake identifies, whoever vouches for the certificate, and nothing is said', async (t) => {
  let said = '';
  const treat = (socket: TLSSocket) => socket.on('data', (chunk) => (said += chunk)).on('end', () => socket.end());
  t.deepEqual(await meet(t, treat), { kind: 'dialogue', service: 'exasol', outcome: 'open', detail: handshake });
  t.is(said, '');
});

dialogueTest('a certificate is held to a fingerprint where there is one', async (t) => {
  const treat = (socket: TLSSocket) => socket.resume().on('end', () => socket.end());
  t.is((await meet(t, treat, { fingerprint: identity.sha256 })).outcome, 'open');
  t.is((await meet(t, treat, { fingerprint: '00'.repeat(32) })).problem, 'certificate');
});

dialogueTest('a certificate is held to authorities and names where that is asked for', async (t) => {
  const treat = (socket: TLSSocket) => socket.resume().on('end', () => socket.end());
  t.regex((await meet(t, treat, { verify: 'yes' })).detail, /self-signed/);
});

dialogueTest('the upgrade to WebSocket identifies, and ends with a Close frame', async (t) => {
  const { treat, heard } = answering((key) => [switching(acceptOf(key))]);
  const said = await meet(t, treat, { websocket: true });
  t.is(said.detail, `WebSocket over ${handshake}`);
  t.is(said.outcome, 'open');
  const [request, rest] = heard().split('\r\n\r\n');
  t.regex(request!, /^GET \/ HTTP\/1\.1\r\nHost: 127\.0\.0\.1:\d+\r\nUpgrade: websocket\r\n/);
  t.is(rest!.length, 8);
  t.is(rest!.slice(0, 2), '\x88\x82');
});

dialogueTest('an answer may come in pieces', async (t) => {
  const { treat } = answering((key) => [...switching(acceptOf(key))]);
  t.is((await meet(t, treat, { websocket: true })).outcome, 'open');
});

dialogueTest('an acceptance that does not fit the key is not Exasol’s', async (t) => {
  const { treat } = answering(() => [switching('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')]);
  const { outcome, detail } = await meet(t, treat, { websocket: true });
  t.is(outcome, 'mismatch');
  t.is(detail, 'takes the upgrade to WebSocket with a Sec-WebSocket-Accept that does not fit');
});

dialogueTest('another answer than 101 is a mismatch that quotes it', async (t) => {
  const { treat } = answering(() => ['HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n']);
  const { outcome, detail } = await meet(t, treat, { websocket: true });
  t.is(outcome, 'mismatch');
  t.is(detail, 'answers the upgrade to WebSocket with "HTTP/1.1 404 Not Found"');
});

dialogueTest('somebody else behind TLS is told by what they say', async (t) => {
  const { treat } = answering(() => ['220 (vsFTPd 3.0.3)\r\n']);
  const { outcome, detail } = await meet(t, treat, { websocket: true });
  t.is(outcome, 'mismatch');
  t.is(detail, 'an FTP server answers: "220 (vsFTPd 3.0.3)"');
});

dialogueTest('a server that closes instead of an answer was reset', async (t) => {
  const treat = (socket: TLSSocket) => socket.once('data', () => socket.end());
  const { outcome, detail } = await meet(t, treat, { websocket: true });
  t.is(outcome, 'reset');
  t.is(detail, 'connected, then closed when the upgrade to WebSocket was asked for');
});

dialogueTest('a server that never answers the upgrade is a mismatch', async (t) => {
  const treat = (socket: TLSSocket) => socket.resume().on('end', () => socket.end());
  const { problem } = await meet(t, treat, { websocket: true }, { timeoutMs: 2000 });
  t.is(problem, 'silent');
});
