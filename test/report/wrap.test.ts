import test from 'ava';
import fc from 'fast-check';
import { wrap } from '#src/report/wrap.js';

test('lines break at blanks and after the commas of port lists, and later ones are indented', (t) => {
  t.deepEqual(wrap('ports 20000-20499,20600-21000, expected open', 24, '  ', '    '), [
    '  ports 20000-20499,',
    '    20600-21000,',
    '    expected open',
  ]);
});

test('what has no place to break is left whole', (t) => {
  t.deepEqual(wrap('see a-name-that-is-longer-than-the-line now', 20, '', '  '), [
    'see',
    '  a-name-that-is-longer-than-the-line',
    '  now',
  ]);
});

test('wide characters count as two columns', (t) => {
  t.deepEqual(wrap('数据库 端口', 8, '', ''), ['数据库', '端口']);
});

test('no line is wider than asked for, and nothing is lost', (t) => {
  const words = fc.array(fc.stringMatching(/^[a-z0-9-]{1,12}$/), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(words, fc.integer({ min: 16, max: 60 }), (list, width) => {
      const lines = wrap(list.join(' '), width, '', '  ');
      for (const line of lines) t.true(line.length <= width);
      t.is(lines.map((line) => line.trim()).join(' '), list.join(' '));
    }),
  );
});
