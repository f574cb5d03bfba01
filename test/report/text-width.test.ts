import test from 'ava';
import { textWidth } from '#src/report/text-width.js';

test('plain text takes a column a character', (t) => {
  t.is(textWidth('exa-n11'), 7);
  t.is(textWidth(''), 0);
});

test('East Asian wide characters take two columns, combining marks and joiners none', (t) => {
  t.is(textWidth('数据库'), 6);
  t.is(textWidth('e\u0301'), 1);
  t.is(textWidth('a\u200db'), 2);
  t.is(textWidth('é → ü'), 5);
});
