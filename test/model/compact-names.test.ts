import test from 'ava';
import { compactNames } from '#src/model/compact-names.js';

const text = (names: string[]) => compactNames(names).join(', ');

test('three or more consecutive names become a pattern', (t) => {
  t.is(text(['exa-n11', 'exa-n12', 'exa-n13', 'app-1']), 'app-1, exa-n[11:13]');
  t.is(text(['exa-n11', 'exa-n12']), 'exa-n11, exa-n12');
  t.is(text(['n08', 'n09', 'n10']), 'n[08:10]');
  t.is(text(['n8', 'n9', 'n10']), 'n[8:10]');
  t.is(text(['db1.example', 'db2.example', 'db3.example']), 'db[1:3].example');
});

test('names with a gap, or numbered otherwise, stay apart', (t) => {
  t.is(text(['n1', 'n2', 'n4']), 'n1, n2, n4');
  t.is(text(['n09', 'n010', 'n011']), 'n09, n010, n011');
  t.is(text(['alpha', 'beta', 'gamma']), 'alpha, beta, gamma');
});

test('names are sorted by their numbers first', (t) => {
  t.is(text(['n10', 'n2', 'n1', 'n3']), 'n[1:3], n10');
});
