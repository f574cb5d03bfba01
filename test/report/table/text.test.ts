import test from 'ava';
import fc from 'fast-check';
import { plain, widthOf, wrap } from '#src/report/table/text.js';

test('escape sequences and control characters are taken out', (t) => {
  t.is(plain('\u001b[1;31mred\u001b[0m'), 'red');
  t.is(plain('\u001b]8;;http://evil\u0007link\u001b]8;;\u0007'), 'link');
  t.is(plain('two\r\nlines\u0000'), 'two lines ');
});

test('text is broken at spaces, long words after a comma, else anywhere', (t) => {
  t.deepEqual(wrap('one two three', 7), ['one two', 'three']);
  t.deepEqual(wrap('20000,20002,20004', 12), ['20000,20002,', '20004']);
  t.deepEqual(wrap('oceanbase-ocp/web-from-observer', 22), ['oceanbase-ocp/web-', 'from-observer']);
  t.deepEqual(wrap('abcdefgh', 3), ['abc', 'def', 'gh']);
  t.deepEqual(wrap('连接被拒绝', 4), ['连接', '被拒', '绝']);
});

test('wrapping loses nothing but spaces and keeps to the width', (t) => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme-ascii', maxLength: 80 }),
      fc.integer({ min: 2, max: 40 }),
      (text, width) => {
        const lines = wrap(text, width);
        t.is(lines.join('').replaceAll(' ', ''), text.replaceAll(' ', ''));
        for (const line of lines) t.true(widthOf(line) <= width);
      },
    ),
  );
});
