import test from 'ava';
import { PairFold, pairText } from '#src/report/table/names.js';

function named(...pairs: string[]): string {
  const fold = new PairFold();
  for (const [from, to] of pairs) fold.add(from!, to!);
  return fold.text(false);
}

test('pairs are named by their pattern', (t) => {
  t.is(named('ab'), 'a → b');
  t.is(named('ac', 'bc'), 'a, b → c (2 pairs)');
  t.is(named('ax', 'ay', 'bx', 'by'), 'a, b → x, y (4 pairs)');
  t.is(named('ab', 'ba'), 'among a, b (2 pairs)');
});

test('a few pairs without a pattern are listed, and many are not claimed to be all', (t) => {
  t.is(named('ab', 'cd'), 'a → b; c → d');
  t.is(named('ax', 'ay', 'bx', 'cz'), 'a, b, c → x, y, z (4 of 9 pairs)');
});

test('what has no source, a port or a rule, is named by whose it is', (t) => {
  const fold = new PairFold();
  for (const host of ['db-1', 'db-2', 'db-3']) fold.add('', host);
  t.is(fold.text(false), 'db-[1:3]');
  t.is(pairText('', 'db-1'), 'db-1');
});
