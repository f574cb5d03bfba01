import test from 'ava';
import fc from 'fast-check';
import { alternatives, editDistance, nearestName, suggestName } from '#src/model/nearest.js';

/** The textbook recursion, without a limit: slow and plain. */
function plainDistance(a: string, b: string): number {
  if (a === '' || b === '') return Math.max(a.length, b.length);
  const replaced = plainDistance(a.slice(1), b.slice(1)) + (a[0] === b[0] ? 0 : 1);
  let least = Math.min(plainDistance(a.slice(1), b) + 1, plainDistance(a, b.slice(1)) + 1, replaced);
  if (a.length > 1 && b.length > 1 && a[0] === b[1] && a[1] === b[0]) {
    least = Math.min(least, plainDistance(a.slice(2), b.slice(2)) + 1);
  }
  return least;
}

test('counts edits as the textbook does, up to its limit', (t) => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 });
  fc.assert(
    fc.property(word, word, fc.nat(6), (a, b, limit) => {
      t.is(editDistance(a, b, limit), Math.min(plainDistance(a, b), limit + 1));
    }),
  );
});

test('finds the name that was meant', (t) => {
  const roles = ['exasol-node', 'exasol-client', 'ldap-server', 'ldaps-server'];
  t.is(nearestName('exasol-nod', roles), 'exasol-node');
  t.is(nearestName('Exasol-Node', roles), 'exasol-node');
  t.is(nearestName('ladp-server', roles), 'ldap-server');
  t.is(nearestName('ldapserver', roles), 'ldap-server');
  t.is(nearestName('kubernetes', roles), undefined);
  t.is(nearestName('x', ['y']), 'y');
});

test('lists what there is where no name is near', (t) => {
  t.is(suggestName('jmp', ['jump', 'port']), 'did you mean "jump"?');
  t.is(suggestName('kubernetes', ['a', 'b', 'c']), 'expected "a", "b" or "c"');
  t.is(suggestName('kubernetes', []), 'none is known here');
  t.is(alternatives(['a']), '"a"');
  t.is(
    alternatives(Array.from({ length: 14 }, (_, i) => `n${i}`)),
    'one of "n0", "n1", "n2", "n3", "n4", "n5", "n6", "n7", "n8", "n9", "n10", "n11" and 2 more',
  );
});
