import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import test from 'ava';
import { Conversation } from '#src/protocol/conversation.js';
import { dialogueContext } from './context.js';

/** A stream whose other side is the test. */
function line(): { readonly stream: Duplex; readonly said: Buffer[] } {
  const said: Buffer[] = [];
  const stream = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      said.push(chunk);
      done();
    },
  });
  return { stream, said };
}

const word = (bytes: Buffer) => {
  const end = bytes.indexOf(' ');
  return end === -1 ? undefined : { value: bytes.toString('latin1', 0, end), length: end + 1 };
};

test('what one conversation did not understand is the next one’s to hear, and so is what comes later', async (t) => {
  const { stream } = line();
  const first = new Conversation(stream, dialogueContext());
  stream.push('one two thr');
  t.deepEqual(await first.hear(word), { kind: 'heard', value: 'one' });
  const second = new Conversation(first.release(), dialogueContext());
  t.deepEqual(await second.hear(word), { kind: 'heard', value: 'two' });
  stream.push('ee ');
  t.deepEqual(await second.hear(word), { kind: 'heard', value: 'three' });
  await second.end();
});

test('last words that came in one piece with the end of the stream are heard by the next conversation', async (t) => {
  const { stream } = line();
  const first = new Conversation(stream, dialogueContext());
  const heard = first.hear(word);
  stream.push('one two ');
  stream.push(null);
  t.deepEqual(await heard, { kind: 'heard', value: 'one' });
  const second = new Conversation(first.release(), dialogueContext());
  t.deepEqual(await second.hear(word), { kind: 'heard', value: 'two' });
  t.deepEqual(await second.hear(word), { kind: 'closed', bytes: Buffer.alloc(0) });
  await second.end();
});

test('a stream that has ended already is closed, not silent', async (t) => {
  const { stream } = line();
  const first = new Conversation(stream, dialogueContext());
  const heard = first.hear(word);
  stream.push('one ');
  stream.push(null);
  await heard;
  const second = new Conversation(first.release(), dialogueContext());
  t.deepEqual(await second.hear(word), { kind: 'closed', bytes: Buffer.alloc(0) });
  await second.end();
});

test('what comes during the farewell is written down, and not kept', async (t) => {
  const { stream } = line();
  let written = 0;
  const received = (bytes: Buffer) => {
    written += bytes.length;
  };
  const conversation = new Conversation(
    stream,
    dialogueContext({ transcript: { note() {}, sent() {}, received, phase() {} } }),
  );
  const ended = conversation.end();
  const piece = Buffer.alloc(1 << 20);
  for (let count = 0; count < 64; count++) stream.push(piece);
  stream.push(null);
  await ended;
  t.is(written, 64 * piece.length);
  t.is((await conversation.firstLine()).length, 0);
});

test('what arrived in time is heard, even where the program was too busy to read it', async (t) => {
  const server = createServer({ noDelay: true }).listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [[peer]] = await Promise.all([accepted, once(socket, 'connect')]);
  t.teardown(() => {
    socket.destroy();
    peer.destroy();
  });
  const conversation = new Conversation(socket, dialogueContext({ timeoutMs: 50 }));
  const heard = conversation.hear(word);
  peer.write('hello ');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  t.deepEqual(await heard, { kind: 'heard', value: 'hello' });
  peer.end();
  await conversation.end();
});
