import test from 'ava';
import { DialogueRecorder } from '#src/explain/recorder.js';

function recorder(secrets?: readonly Buffer[]) {
  let time = 1000;
  const made = new DialogueRecorder(secrets, () => time);
  return { made, later: (ms: number) => (time += ms) };
}

test('every step has its time since the dial', (t) => {
  const { made, later } = recorder();
  later(1.5);
  made.note('connected in 1.5 ms');
  later(2);
  made.sent(Buffer.from('PING'));
  later(4);
  made.received(Buffer.from('+PONG'));
  t.deepEqual(made.steps, [
    { kind: 'note', atMs: 1.5, text: 'connected in 1.5 ms' },
    { kind: 'sent', atMs: 3.5, length: 4, bytes: Buffer.from('PING') },
    { kind: 'received', atMs: 7.5, length: 5, bytes: Buffer.from('+PONG') },
  ]);
});

test('bytes are kept as they were, whatever becomes of the buffer', (t) => {
  const { made } = recorder();
  const bytes = Buffer.from('PING');
  made.sent(bytes);
  bytes.fill(0);
  t.like(made.steps[0], { bytes: Buffer.from('PING') });
});

test('secrets are those known beforehand and those of the dialogue', (t) => {
  const { made } = recorder([Buffer.from('known')]);
  made.sent(Buffer.from('AUTH told'), [Buffer.from('told')]);
  t.deepEqual(made.secrets.map(String), ['known', 'told']);
});

test('memory is bounded: of each direction 16 KiB are kept, and 500 steps', (t) => {
  const { made } = recorder();
  for (let count = 0; count < 10; count++) made.received(Buffer.alloc(4096, count));
  made.sent(Buffer.from('QUIT'));
  const kept = made.steps.map((step) => (step.kind === 'note' ? 0 : step.bytes.length));
  t.deepEqual(kept, [4096, 4096, 4096, 4096, 0, 0, 0, 0, 0, 0, 4]);
  t.like(made.steps[9], { length: 4096 });
  for (let count = 0; count < 600; count++) made.note('again');
  t.is(made.steps.length, 500);
  t.is(made.stepsLeftOut, 111);
});
