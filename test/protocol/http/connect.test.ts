import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import test from 'ava';
import type { DialogueContext, Tunnel } from '#src/model/dialogue.js';
import { Conversation } from '#src/protocol/conversation.js';
import { connectThrough } from '#src/protocol/http/connect.js';
import { http, https } from '#src/protocol/http/dialogue.js';
import { createCertificates } from '../../lab/certificates.js';
import { nginxUnavailable, startNginx } from '../../lab/servers/nginx.js';
import { startTinyproxy, tinyproxyUnavailable } from '../../lab/servers/tinyproxy.js';
import { testNeeding } from '../../needing.js';
import { dialogueContext } from '../context.js';
import { materials } from '../speak.js';

const unavailable = nginxUnavailable() ?? tinyproxyUnavailable();
const patient = { timeoutMs: 20_000 };

async function tunnel(port: number, authority: string, over: Partial<DialogueContext> = patient): Promise<Tunnel> {
  const socket = connect({ host: '127.0.0.1', port });
  await once(socket, 'connect');
  return connectThrough(socket, authority, dialogueContext(over));
}

function detailOf(tunnel: Tunnel): string {
  if (tunnel.kind === 'tunnelled') throw new Error('there is a tunnel');
  const { outcome, detail } = tunnel.said('http');
  return `${outcome}: ${detail}`;
}

testNeeding(unavailable, 'tinyproxy leads to a web server, and a dialogue is held through it', async (t) => {
  const [nginx, proxy] = [await startNginx(), await startTinyproxy()];
  t.teardown(() => Promise.all([nginx.stop(), proxy.stop()]));
  const found = await tunnel(proxy.port, `127.0.0.1:${nginx.port}`);
  if (found.kind === 'failed') return t.fail(detailOf(found));
  const said = await http.converse(found.stream, http.settings.parse({ body: 'welcome' }), dialogueContext(patient));
  t.is(said.outcome, 'open', said.detail);
  t.regex(nginx.log(), /"GET \/ HTTP\/1\.1" 200/);
});

testNeeding(unavailable, 'TLS is spoken through a tunnel as without one', async (t) => {
  const certificates = createCertificates();
  const tls = await certificates.issue({ commonName: 'lab', names: ['IP:127.0.0.1'] });
  const [nginx, proxy] = [await startNginx({ tls }), await startTinyproxy()];
  t.teardown(async () => {
    certificates.remove();
    await Promise.all([nginx.stop(), proxy.stop()]);
  });
  const found = await tunnel(proxy.port, `127.0.0.1:${nginx.port}`);
  if (found.kind === 'failed') return t.fail(detailOf(found));
  const settings = https.settings.parse({ ca: { file: tls.certificateFile }, body: 'welcome' });
  const said = await https.converse(found.stream, settings, dialogueContext({ ...patient, materials }));
  t.is(said.outcome, 'open', said.detail);
});

testNeeding(unavailable, 'tinyproxy says what it cannot reach, and what it refuses', async (t) => {
  const [open, closed] = [await startTinyproxy(), await startTinyproxy({ connectPorts: [443] })];
  const locked = await startTinyproxy({ login: { user: 'a', password: 'b' } });
  t.teardown(() => Promise.all([open.stop(), closed.stop(), locked.stop()]));
  t.regex(
    detailOf(await tunnel(open.port, '127.0.0.1:1')),
    /^mismatch: the proxy cannot reach it: HTTP 500 to CONNECT \(tinyproxy\/[\d.]+\), "Unable to connect"$/,
  );
  t.regex(
    detailOf(await tunnel(closed.port, '127.0.0.1:80')),
    /^mismatch: the proxy refuses: HTTP 403 to CONNECT \(tinyproxy\/[\d.]+\), "Access violation"$/,
  );
  t.regex(
    detailOf(await tunnel(locked.port, '127.0.0.1:80')),
    /^mismatch: the proxy refuses, for it wants a login: HTTP 407 to CONNECT \(tinyproxy\/[\d.]+\), "Proxy Authentication Required"$/,
  );
});

/** A proxy that speaks from a script. */
async function scripted(serve: (socket: Socket) => void) {
  const sockets: Socket[] = [];
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    serve(socket);
    socket.resume();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { port: (server.address() as AddressInfo).port, stop };
}

async function through(serve: (socket: Socket) => void, over?: Partial<DialogueContext>): Promise<string> {
  const proxy = await scripted(serve);
  try {
    return detailOf(await tunnel(proxy.port, 'db.example:3306', over));
  } finally {
    proxy.stop();
  }
}

const answering = (text: string) => (socket: Socket) => void socket.once('data', () => socket.end(text));

test('a proxy is asked as a client asks, and its time is not the service’s', async (t) => {
  let heard = '';
  const phases: string[] = [];
  const transcript = { note() {}, sent() {}, received() {}, phase: (phase: string) => void phases.push(phase) };
  const proxy = await scripted((socket) =>
    socket.once('data', (chunk) => {
      heard = chunk.toString();
      socket.write('HTTP/1.0 200 Connection established\r\nContent-Length: 5\r\n\r\n');
    }),
  );
  const found = await tunnel(proxy.port, '[2001:db8::1]:443', { ...patient, transcript });
  t.is(found.kind, 'tunnelled');
  proxy.stop();
  t.is(
    heard,
    'CONNECT [2001:db8::1]:443 HTTP/1.1\r\nHost: [2001:db8::1]:443\r\nConnection: keep-alive\r\nUser-Agent: portolan\r\nAccept: */*\r\n\r\n',
  );
  t.deepEqual(phases, []);
});

test('what the service said together with the proxy’s answer is the tunnel’s, and so is the end of it', async (t) => {
  for (const cut of [1, 20, 39, 40, 100]) {
    const all = Buffer.from('HTTP/1.1 200 Connection established\r\n\r\n+greeting');
    const proxy = await scripted((socket) =>
      socket.once('data', () => {
        socket.write(all.subarray(0, cut));
        socket.end(all.subarray(cut));
      }),
    );
    const found = await tunnel(proxy.port, 'db.example:3306');
    if (found.kind === 'failed') return t.fail(detailOf(found));
    const conversation = new Conversation(found.stream, dialogueContext(patient));
    t.deepEqual(await conversation.hear(() => undefined), { kind: 'closed', bytes: Buffer.from('+greeting') });
    await conversation.end();
    proxy.stop();
  }
});

test('a proxy’s own words say why it does not reach the destination', async (t) => {
  const squid =
    'HTTP/1.1 503 Service Unavailable\r\nServer: squid/5.7\r\nX-Squid-Error: ERR_CONNECT_FAIL 111\r\nContent-Length: 0\r\n\r\n';
  t.is(
    await through(answering(squid)),
    'mismatch: the proxy cannot reach it: HTTP 503 to CONNECT (squid/5.7), "Service Unavailable", "ERR_CONNECT_FAIL 111"',
  );
  t.is(await through(answering('HTTP/1.1 504 \r\n\r\n')), 'mismatch: the proxy cannot reach it: HTTP 504 to CONNECT');
  t.is(
    await through(answering('HTTP/1.1 405 Method Not Allowed\r\n\r\n')),
    'mismatch: the proxy refuses: HTTP 405 to CONNECT, "Method Not Allowed"',
  );
});

test('what is no proxy is told so', async (t) => {
  t.is(
    await through((socket) => socket.write('SSH-2.0-OpenSSH_9.2p1\r\n')),
    'mismatch: where an HTTP proxy is expected, an SSH server answers: "SSH-2.0-OpenSSH_9.2p1"',
  );
  t.is(
    await through(answering('HTTP/1.1 2 x\r\n\r\n')),
    'mismatch: the proxy answers CONNECT in malformed HTTP, with a status line that no client understands',
  );
  t.is(await through(answering('')), 'reset: connected, then closed by the proxy without an answer to CONNECT');
  t.regex(
    await through(() => {}, { timeoutMs: 600 }),
    /^mismatch: the proxy left CONNECT unanswered for \d+(\.\d)? s: it may wait for the destination$/,
  );
});
