import test from 'ava';
import { leftOutFamilies } from '#src/observe/left-out-families.js';

test('a node without IPv6, or without IPv4, says what it leaves out of names', (t) => {
  t.deepEqual(leftOutFamilies(['127.0.0.1', '10.0.0.1', '::1']), [
    'has no IPv6 address: of the names that it probes, only the IPv4 addresses were asked for and tried',
  ]);
  t.deepEqual(leftOutFamilies(['127.0.0.1', 'fd00::1', '::1']), [
    'has no IPv4 address: of the names that it probes, only the IPv6 addresses were asked for and tried',
  ]);
});

test('with both families, with neither, or where the addresses are not known, nothing is left out', (t) => {
  t.deepEqual(leftOutFamilies(['10.0.0.1', 'fe80::1']), []);
  t.deepEqual(leftOutFamilies(['127.0.0.1', '::1']), []);
  t.deepEqual(leftOutFamilies(undefined), []);
});
