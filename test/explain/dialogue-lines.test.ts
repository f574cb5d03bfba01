import test from 'ava';
import { dialogueLines } from '#src/explain/dialogue-lines.js';
import { DialogueRecorder } from '#src/explain/recorder.js';
import { painter } from '#src/report/table/paint.js';

const canvas = { width: 80, paint: painter(false) };
const secret = Buffer.from('swordfish');

test('what was not kept is said', (t) => {
  const recorder = new DialogueRecorder([], () => 0);
  recorder.received(Buffer.alloc(20_000));
  recorder.received(Buffer.alloc(1));
  const lines = dialogueLines(recorder, canvas).filter((line) => !/^ {4}[0-9a-f]{4} /.test(line));
  t.deepEqual(lines, [
    '    0.0 ms ← 20,000 bytes, of which the first 16,384 were kept',
    '    0.0 ms ← 1 byte, of which the first 0 were kept',
  ]);
});

test('a secret that the limit of bytes cuts in two does not show its first half', (t) => {
  const recorder = new DialogueRecorder([secret], () => 0);
  recorder.received(Buffer.concat([Buffer.alloc(16 * 1024 - 5, 0x2e), secret]));
  t.false(dialogueLines(recorder, canvas).join('\n').includes('sword'));
  t.true(dialogueLines(recorder, canvas).at(-1)!.endsWith('.***'));
});

test('nor does one whose second half came in a step that was not kept', (t) => {
  const recorder = new DialogueRecorder([secret], () => 0);
  for (let count = 0; count < 499; count++) recorder.note('waiting');
  recorder.received(Buffer.from('no sword'));
  recorder.received(Buffer.from('fish here'));
  const lines = dialogueLines(recorder, canvas);
  t.false(lines.join('\n').includes('sword'));
  t.is(lines.at(-1), '             and 1 more, which were not kept');
});
