import { Writable } from 'node:stream';
import test from 'ava';
import { ProgressLine } from '#src/terminal/progress-line.js';

function terminal(columns: number, isTTY = true) {
  const chunks: Buffer[] = [];
  const screen = new Writable({ write: (chunk: Buffer, _encoding, done) => done(void chunks.push(chunk)) });
  return {
    stream: Object.assign(screen, { isTTY, columns }) as unknown as NodeJS.WriteStream,
    written: () => Buffer.concat(chunks).toString(),
  };
}

const erase = '\r\u001b[2K';

test('a line is drawn over the one before, and the same line once only', (t) => {
  const { stream, written } = terminal(80);
  const line = new ProgressLine(stream, true);
  line.draw('1 of 2');
  line.draw('1 of 2');
  line.draw('2 of 2');
  line.draw(undefined);
  t.is(written(), `${erase}1 of 2${erase}2 of 2${erase}`);
});

test('a line is cut to the terminal, so that it never wraps', (t) => {
  const { stream, written } = terminal(6);
  new ProgressLine(stream, true).draw('123456789');
  t.is(written(), `${erase}12345`);
});

test('a line of its own stands above the progress, which is drawn again', (t) => {
  const { stream, written } = terminal(80);
  const line = new ProgressLine(stream, true);
  line.draw('1 of 2');
  line.write('a warning');
  t.is(written(), `${erase}1 of 2${erase}a warning\n${erase}1 of 2`);
});

test('where there is no terminal, or none is wanted, nothing is drawn', (t) => {
  for (const [isTTY, wanted] of [
    [false, true],
    [true, false],
  ] as const) {
    const { stream, written } = terminal(80, isTTY);
    const line = new ProgressLine(stream, wanted);
    line.draw('1 of 2');
    line.write('a warning');
    t.is(written(), 'a warning\n');
  }
});
