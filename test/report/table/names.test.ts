import test from 'ava';
import { namePairs } from '#src/report/table/names.js';

const pairs = (...texts: string[]) => texts.map((text) => ({ from: text[0]!, to: text[1]! }));

test('pairs are named by their pattern', (t) => {
  t.is(namePairs(pairs('ab')), 'a → b');
  t.is(namePairs(pairs('ac', 'bc')), 'a, b → c (2 pairs)');
  t.is(namePairs(pairs('ax', 'ay', 'bx', 'by')), 'a, b → x, y (4 pairs)');
  t.is(namePairs(pairs('ab', 'ba')), 'among a, b (2 pairs)');
});

test('a few pairs without a pattern are listed, and many are not claimed to be all', (t) => {
  t.is(namePairs(pairs('ab', 'cd')), 'a → b; c → d');
  t.is(namePairs(pairs('ax', 'ay', 'bx', 'cz')), 'a, b, c → x, y, z (4 of 9 pairs)');
});
