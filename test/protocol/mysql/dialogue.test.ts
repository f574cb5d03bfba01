import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import test from 'ava';
import fc from 'fast-check';
import { mysql } from '#src/protocol/mysql/dialogue.js';
import { writePacket } from '#src/protocol/mysql/packet.js';
import { dialogueContext } from '../context.js';

// What MySQL would never say, and what no MariaDB can be made to say: real sockets, and servers that speak from a script.

const timeoutMs = 600;
const never = () => new AbortController().signal;

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function converseWith(serve: (socket: Socket) => void, signal = never()) {
  const sockets: Socket[] = [];
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    serve(socket);
  });
  const port = await listen(server);
  const socket = connect({ host: '127.0.0.1', port });
  await once(socket, 'connect');
  try {
    return await mysql.converse(socket, {}, dialogueContext({ timeoutMs, signal }));
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

function greeting(version: string, plugin = 'mysql_native_password'): Buffer {
  const fixed = Buffer.from(
    '01000000 4142434445464748 00 ffff 2d 0200 ffff 15 00000000000000000000'.replaceAll(' ', ''),
    'hex',
  );
  const payload = [
    Buffer.from([10]),
    Buffer.from(`${version}\0`),
    fixed,
    Buffer.from('ABCDEFGHIJKL\0'),
    Buffer.from(`${plugin}\0`),
  ];
  return writePacket({ sequence: 0, payload: Buffer.concat(payload) });
}

function refusal(sequence: number, code: number, text: string): Buffer {
  const fixed = Buffer.from([0xff, code & 0xff, code >> 8]);
  return writePacket({ sequence, payload: Buffer.concat([fixed, Buffer.from(text)]) });
}

const banners: readonly (readonly [banner: string, detail: string])[] = [
  ['SSH-2.0-OpenSSH_9.2p1\r\n', 'an SSH server answers: "SSH-2.0-OpenSSH_9.2p1"'],
  ['HTTP/1.1 408 Request Timeout\r\n\r\n', 'an HTTP server answers: "HTTP/1.1 408 Request Timeout"'],
  ['-DENIED Redis is running in protected mode\r\n', 'Redis answers: "-DENIED Redis is running in protected mode"'],
  ['220 gate.example.com ready\r\n', 'an FTP or SMTP server answers: "220 gate.example.com ready"'],
  ['\x15\x03\x01\x00\x02\x02\x46', 'a TLS server answers with an alert: protocol_version'],
  [
    '\x05\x00\x00\x00\x0b\x08\x05\x1a\x00',
    'MySQL answers with its X protocol, which clients of this flow do not speak',
  ],
  ['\x00\x00\x12\x04\x00\x00\x00\x00\x00', 'an HTTP/2 server answers'],
  ['\x01\x02\x03\x04\x05\x06', 'something answers in an unknown protocol: 010203040506'],
  ['hello there\n', 'something else answers: "hello there"'],
];
for (const [banner, detail] of banners) {
  test(`a server that says ${JSON.stringify(banner.trim())} is a mismatch`, async (t) => {
    const answer = await converseWith((socket) => socket.write(Buffer.from(banner, 'latin1')));
    t.deepEqual(answer, { kind: 'dialogue', service: 'mysql', outcome: 'mismatch', detail, problem: 'stranger' });
  });
}

test('an HTTP server, which waits for its client to speak, says what it is when it reads the login', async (t) => {
  const server = createHttpServer();
  const socket = connect({ host: '127.0.0.1', port: await listen(server) });
  await once(socket, 'connect');
  const answer = await mysql.converse(socket, {}, dialogueContext({ timeoutMs }));
  server.close();
  t.is(answer.outcome, 'mismatch');
  t.is(answer.detail, 'an HTTP server answers: "HTTP/1.1 400 Bad Request"');
});

test('silence is a mismatch, and says for how long', async (t) => {
  const answer = await converseWith(() => {});
  t.is(answer.outcome, 'mismatch');
  t.is(answer.detail, 'connected, then silent for 0.6 s, where MySQL greets first');
});

test('a connection that is closed before anything was said is a reset', async (t) => {
  for (const close of [(socket: Socket) => socket.end(), (socket: Socket) => socket.resetAndDestroy()]) {
    // Not at once: the client would see its connect fail.
    const answer = await converseWith((socket) => setTimeout(() => close(socket), 50));
    t.is(answer.outcome, 'reset');
    t.is(answer.detail, 'connected, then closed before anything was said');
  }
});

test('a proxy that greets and then hangs up is open, with a warning', async (t) => {
  const answer = await converseWith((socket) => {
    socket.write(greeting('5.6.25'));
    socket.once('data', () => socket.end());
  });
  t.is(answer.outcome, 'open');
  t.is(answer.detail, 'OBProxy (or MySQL 5.6.25) greeted, then closed instead of answering the login');
  t.regex(answer.warning ?? '', /greets but does not answer a login/);
});

test('an unknown refusal is passed on in the words of the server', async (t) => {
  const answer = await converseWith((socket) => {
    socket.write(greeting('5.6.25'));
    socket.once('data', () => socket.end(refusal(2, 4669, '#HY000cluster not exist')));
  });
  t.is(answer.detail, 'OBProxy (or MySQL 5.6.25) greeted and refused the login (4669)');
  t.is(answer.warning, 'the server said: cluster not exist');
});

test('a demand for TLS is a refused login like any other', async (t) => {
  const answer = await converseWith((socket) => {
    socket.write(greeting('8.4.2', 'caching_sha2_password'));
    socket.once('data', () =>
      socket.end(refusal(2, 3159, '#HY000Connections using insecure transport are prohibited')),
    );
  });
  t.deepEqual(answer, {
    kind: 'dialogue',
    service: 'mysql',
    outcome: 'open',
    detail: 'MySQL 8.4.2 greeted and refused the login (3159)',
  });
});

test('the handshake is the same however the bytes of the server are cut', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 8 }), async (cuts) => {
      const said: Buffer[] = [];
      const answer = await converseWith((socket) => {
        const script = [
          greeting('9.1.0', 'caching_sha2_password'),
          writePacket({ sequence: 2, payload: Buffer.from('\xfeclient_ed25519\0AAAA', 'latin1') }),
          writePacket({ sequence: 4, payload: Buffer.from([1, 4]) }),
          refusal(6, 1045, '#28000Access denied'),
        ];
        const speak = () => {
          let rest = script.shift()!;
          for (const cut of cuts) {
            socket.write(rest.subarray(0, cut));
            rest = rest.subarray(cut);
          }
          socket.write(rest);
        };
        socket.on('data', (chunk) => {
          said.push(chunk);
          if (script.length > 0) speak();
        });
        speak();
      });
      t.is(answer.detail, 'MySQL 9.1.0 greeted and refused the login (1045)');
      t.deepEqual(
        said.map((bytes) => [bytes[3], bytes.readUIntLE(0, 3)]),
        [
          [1, 32 + 10 + 22],
          [3, 64],
          [5, 1],
        ],
      );
    }),
    { numRuns: 25 },
  );
});

test('a server that asks for ever is left in the end', async (t) => {
  const answer = await converseWith((socket) => {
    socket.write(greeting('8.4.2'));
    socket.on('data', (chunk) => socket.write(writePacket({ sequence: chunk[3]! + 1, payload: Buffer.from([1, 9]) })));
  });
  t.is(answer.detail, 'MySQL 8.4.2 greeted, then answered the login with what no MySQL server says');
});

test('an interrupted dialogue that heard nothing rejects with the reason, after a grace', async (t) => {
  const controller = new AbortController();
  const reason = new Error('interrupted');
  setTimeout(() => controller.abort(reason), 50);
  t.is(await t.throwsAsync(converseWith(() => {}, controller.signal)), reason);
});

test('garbage is never more than a mismatch or a reset, and never throws', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), async (bytes) => {
      const answer = await converseWith((socket) => socket.end(Buffer.from(bytes)));
      t.true(answer.outcome === 'mismatch' || (answer.outcome === 'reset' && bytes.length === 0), answer.detail);
    }),
    { numRuns: 40 },
  );
});
