import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import type { DialogueContext } from '#src/model/dialogue.js';
import { tls } from '#src/protocol/tls/dialogue.js';
import { createCertificates } from '../../lab/certificates.js';
import { nginxUnavailable, startNginx } from '../../lab/servers/nginx.js';
import { opensslUnavailable, startOpenssl } from '../../lab/servers/openssl.js';
import { testNeeding } from '../../needing.js';
import { converseWith } from '../scripted-server.js';
import { materials, patientMs, speak } from '../speak.js';

/** What the dialogue says of a server that does with the connection what it is told to. */
function meet(treat: (socket: Socket) => void, settings: object = {}, over: Partial<DialogueContext> = {}) {
  return converseWith(tls, tls.settings.parse(settings), treat, { timeoutMs: patientMs, materials, ...over });
}

const speaksFirst = (bytes: string | Buffer) => (socket: Socket) => {
  socket.write(bytes);
};

test('a server that greets as SSH does is no TLS server, and says what it is', async (t) => {
  const { outcome, problem, detail } = await meet(speaksFirst('SSH-2.0-OpenSSH_9.2p1\r\n'));
  t.is(outcome, 'mismatch');
  t.is(problem, 'stranger');
  t.is(detail, 'an SSH server answers: "SSH-2.0-OpenSSH_9.2p1", without TLS');
});

test('a greeting is read to its line’s end, however it comes', async (t) => {
  const { detail } = await meet(async (socket) => {
    socket.write('SSH-2.');
    await sleep(10);
    socket.write('0-Late\r\n');
  });
  t.is(detail, 'an SSH server answers: "SSH-2.0-Late", without TLS');
});

test('MySQL’s greeting is no TLS', async (t) => {
  // Protocol 10, 5.7.44, thread 8, and what of a scramble and of flags belongs to it (MariaDB's documents, "Connection").
  const greeting = Buffer.concat([
    Buffer.from('4a0000000a', 'hex'),
    Buffer.from('5.7.44\0'),
    Buffer.from('080000000102030405060708', 'hex'),
    Buffer.from('00fff7080200ff8115', 'hex'),
    Buffer.alloc(10),
    Buffer.from('0102030405060708090a0b0c00', 'hex'),
    Buffer.from('mysql_native_password\0'),
  ]);
  const { outcome, detail } = await meet(speaksFirst(greeting));
  t.is(outcome, 'mismatch');
  t.regex(detail, /^a MySQL server answers: .*5\.7\.44.*, without TLS$/);
});

testNeeding(nginxUnavailable(), 'an HTTP server is no TLS server, and says what it is', async (t) => {
  const nginx = await startNginx();
  t.teardown(() => nginx.stop());
  const { outcome, detail } = await speak(tls, nginx.port);
  t.is(outcome, 'mismatch');
  t.is(detail, 'an HTTP server answers: "HTTP/1.1 400 Bad Request", without TLS');
});

test('a server that closes at once was reset before it spoke', async (t) => {
  const said = await meet((socket) => socket.end());
  t.deepEqual(said, {
    kind: 'dialogue',
    service: 'tls',
    outcome: 'reset',
    detail: 'connected, then closed during the TLS handshake',
  });
});

test('a server that resets when it is spoken to was reset before it spoke', async (t) => {
  const { outcome } = await meet((socket) => socket.once('data', () => socket.resetAndDestroy()));
  t.is(outcome, 'reset');
});

test('a server that accepts and says nothing is no TLS server, and gets a FIN', async (t) => {
  let ended = false;
  const closing = (socket: Socket) => {
    socket.on('end', () => {
      ended = true;
    });
  };
  const { outcome, problem, detail } = await meet(closing, {}, { timeoutMs: 400 });
  t.is(outcome, 'mismatch');
  t.is(problem, 'silent');
  t.regex(detail, /^connected, then silent for \d+(\.\d)? s, where a TLS server answers a ClientHello$/);
  t.true(ended);
});

test('a server that stops in the middle of its handshake is told apart from a silent one', async (t) => {
  // The head of a ServerHello record, and a byte of it.
  const half = Buffer.from('160303007a02', 'hex');
  const { outcome, detail } = await meet(speaksFirst(half), {}, { timeoutMs: 2000 });
  t.is(outcome, 'mismatch');
  t.regex(detail, /^connected, then stuck in the TLS handshake for /);
});

// RFC 8446, 6: an alert record of version 1.0, fatal, and its number.
const alerts: readonly (readonly [number, string | RegExp])[] = [
  [70, 'answers with TLS, but of no version that is offered here (alert protocol_version)'],
  [71, 'answers with TLS, but wants stronger ciphers (alert insufficient_security)'],
  [80, 'answers with TLS, but fails (alert internal_error)'],
  // user_canceled, which no server has a reason to send: OpenSSL's own words, whatever they are in its version.
  [90, /^answers with TLS, but the handshake fails: .*alert user cancel/],
];

for (const [number, expected] of alerts) {
  test(`a server that ends the handshake with alert ${number} is a TLS server with its reasons`, async (t) => {
    const alert = Buffer.from([0x15, 3, 1, 0, 2, 2, number]);
    const { outcome, detail } = await meet((socket) => socket.once('data', () => socket.end(alert)));
    t.is(outcome, 'mismatch');
    if (typeof expected === 'string') t.is(detail, expected);
    else t.regex(detail, expected);
  });
}

for (const [target, settings, name] of [
  ['db2.example.', {}, 'db2.example'],
  ['127.0.0.1', { serverName: 'db1.example' }, 'db1.example'],
  ['127.0.0.1', {}, undefined],
  ['2001:db8::1', {}, undefined],
] as const) {
  test(`${name ?? 'no name'} is asked for where the target is ${target} and the settings ${JSON.stringify(settings)}`, async (t) => {
    const hellos: Buffer[] = [];
    const greeted = (socket: Socket) => {
      socket.once('data', (hello) => {
        hellos.push(hello);
        socket.end();
      });
    };
    await meet(greeted, settings, { target });
    // RFC 6066, 3: extension 0 with a list of names; each with its type, a host's being 0, and its length.
    const asked = /\0\0\0.\0.\0\0.([a-z0-9.:-]{3,})/s.exec(hellos[0]!.toString('latin1'));
    t.is(asked?.[1], name);
  });
}

test('an interrupted handshake ends with the reason', async (t) => {
  const abort = new AbortController();
  const said = meet(() => {}, {}, { signal: abort.signal });
  const reason = new Error('SIGINT');
  setTimeout(() => abort.abort(reason), 100);
  t.is(await t.throwsAsync(said), reason);
});

testNeeding(opensslUnavailable(), 'a handshake may come byte by byte', async (t) => {
  const certificates = createCertificates();
  t.teardown(() => certificates.remove());
  const server = await startOpenssl({ identity: await certificates.issue({ commonName: 'db1' }) });
  t.teardown(() => server.stop());
  const slowly = (socket: Socket) => {
    const upstream = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.pipe(upstream);
    upstream.on('data', async (chunk) => {
      upstream.pause();
      for (const byte of chunk) await new Promise((resolve) => socket.write(Buffer.of(byte), resolve));
      upstream.resume();
    });
    upstream.on('end', () => socket.end()).on('error', () => {});
  };
  const { detail } = await meet(slowly, { verify: 'no' });
  t.is(detail, 'TLS 1.3, certificate of db1');
});
