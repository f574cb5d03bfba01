import test from 'ava';
import { canonicalAddress, isLoopback, isOwnAddress, sameAddress } from '#src/model/addresses.js';

test('an address is one text, however it is written', (t) => {
  t.is(canonicalAddress('FD00:0:0:0::0014'), 'fd00::14');
  t.is(canonicalAddress('::ffff:10.0.0.1'), '10.0.0.1');
  t.is(canonicalAddress('fe80::1%eth0'), 'fe80::1');
  t.is(canonicalAddress('db.example'), 'db.example');
  t.true(sameAddress('fd00::14', 'FD00:0:0:0::0014'));
  t.false(sameAddress('fd00::14', 'fd00::15'));
});

test('a node’s own addresses are its loopback and what it told', (t) => {
  t.true(isLoopback('::ffff:127.0.0.1') && isLoopback('::1') && isLoopback('127.1.2.3'));
  t.true(isOwnAddress('FD00::0014', ['fd00::14']));
  t.false(isOwnAddress('fd00::15', ['fd00::14']));
  t.true(isOwnAddress('::1', undefined));
  t.is(isOwnAddress('fd00::14', undefined), undefined);
});
