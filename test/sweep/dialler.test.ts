import { createServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { DialFailure, type Vantage } from '#src/model/vantage.js';
import { Dialler } from '#src/sweep/dialler.js';
import { ProcessVantage } from './process-vantage.js';

const quiet = new AbortController().signal;
const target = '192.0.2.1';
const refused = new DialFailure('refused', { kind: 'error', errno: 'ECONNREFUSED' });

type Dial = Vantage['dial'];

/** A vantage whose dials of the target are these; the node's own loopback refuses, as everywhere. */
function vantageWith(dialTarget: Dial, dialItself: Dial = () => Promise.reject(refused)): Vantage {
  return {
    host: 'node',
    transport: 'local',
    lost: new Promise(() => {}),
    exec: () => Promise.reject(new Error('not asked for')),
    dial: (address, ...rest) => (address === target ? dialTarget : dialItself)(address, ...rest),
    forwards: async () => true,
    close: async () => {},
  };
}

/** Sent, and never answered. */
const silent: Dial = (_address, _port, signal, onSent) => {
  onSent?.();
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
};

test('nothing within the time is silence, once the node has answered something else', async (t) => {
  const dialled = await new Dialler(vantageWith(silent), quiet).dial(target, 1, 50);
  t.like(dialled, { kind: 'answer', answer: { kind: 'silence', afterMs: 50 } });
});

test('nothing within the time from a node that is gone is untried', async (t) => {
  const lost = { kind: 'untried', cause: 'connection-lost', detail: 'the cable was cut' } as const;
  const dead: Dial = () => delay(100).then(() => Promise.reject(new DialFailure('lost', lost)));
  const dialled = await new Dialler(vantageWith(silent, dead), quiet).dial(target, 1, 50);
  t.like(dialled, { kind: 'answer', answer: lost });
});

test('the time that a dial waits for its turn is not the target’s', async (t) => {
  const late: Dial = async (_address, _port, signal, onSent) => {
    await delay(300, undefined, { signal });
    onSent?.();
    throw refused;
  };
  const dialled = await new Dialler(vantageWith(late), quiet).dial(target, 1, 100);
  t.like(dialled, { kind: 'answer', answer: { kind: 'error', errno: 'ECONNREFUSED' } });
  t.true(dialled.afterUs < 250_000);
});

test('an answer that lay in the socket while this program was stopped is an answer', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  const dialling = new Dialler(new ProcessVantage(), quiet).dial('127.0.0.1', port, 100);
  // As SIGSTOP or a suspended laptop does: the timer is due before anything has been read.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
  const dialled = await dialling;
  t.is(dialled.kind, 'stream');
  if (dialled.kind === 'stream') (dialled.stream as Duplex).destroy();
  server.close();
});

test('an interrupted dial says so, and a bug is thrown', async (t) => {
  const interrupt = new AbortController();
  const dialling = new Dialler(vantageWith(silent), interrupt.signal).dial(target, 1, 10_000);
  interrupt.abort();
  t.like(await dialling, { kind: 'answer', answer: { kind: 'untried', cause: 'interrupted' } });
  const bug = new Dialler(
    vantageWith(() => Promise.reject(new TypeError('a bug'))),
    quiet,
  );
  await t.throwsAsync(bug.dial(target, 1, 50), { instanceOf: TypeError });
  const late = new Dialler(
    vantageWith(silent, () => Promise.reject(new TypeError('a bug'))),
    quiet,
  );
  await t.throwsAsync(late.dial(target, 1, 50), { instanceOf: TypeError });
});
