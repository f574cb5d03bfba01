import test from 'ava';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { columns } from '#src/report/columns.js';

test('columns are as wide as their widest cell where there is room', (t) => {
  const rows = [
    ['FROM', 'PORT'],
    ['Database node', '8563/tcp'],
  ];
  t.deepEqual(columns(rows, 80, '  '), [['  FROM           PORT'], ['  Database node  8563/tcp']]);
});

test('where there is none, the widest is narrowed and its cells are broken', (t) => {
  const rows = [
    ['License or management node', '389'],
    ['Node', '636'],
  ];
  t.deepEqual(columns(rows, 20, ''), [['License or       389', 'management node'], ['Node             636']]);
});

test('wide characters count as two', (t) => {
  t.deepEqual(
    columns(
      [
        ['数据库', '1'],
        ['abcdef', '2'],
      ],
      80,
      '',
    ),
    [['数据库  1'], ['abcdef  2']],
  );
});

test('whatever the words, no line is wider than asked for, and no word is lost', (t) => {
  const word = fc.stringMatching(/^[a-z]{1,8}$/);
  const cell = fc.array(word, { minLength: 1, maxLength: 12 }).map((words) => words.join(' '));
  const rows = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(rows, fc.integer({ min: 40, max: 120 }), (table, width) => {
      for (const [index, lines] of columns(table, width, '  ').entries()) {
        const words = lines.flatMap((line) => line.trim().split(/\s+/)).sort();
        if (lines.some((line) => stringWidth(line) > width)) return false;
        if (words.join() !== table[index]!.join(' ').split(' ').sort().join()) return false;
      }
      return true;
    }),
  );
  t.pass();
});
