import test from 'ava';
import fc from 'fast-check';
import stringWidth from 'string-width';
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

test('no text is ever taken for narrower than string-width takes it', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), (text) => {
      t.true(textWidth(text) >= stringWidth(text), JSON.stringify(text));
    }),
    { numRuns: 2000 },
  );
});

test('emoji by variation selector or keycap take two columns, spacing marks one', (t) => {
  t.is(textWidth('\u2764\ufe0f'), 2);
  t.is(textWidth('8\ufe0f\u20e3'), 2);
  t.is(textWidth('\u0939\u093e'), 2);
});
