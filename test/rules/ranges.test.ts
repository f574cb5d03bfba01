import test from 'ava';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { addressBlocks, addressRanges, cidrBlocks } from '#src/rules/ranges.js';

const some = {
  4: fc.uniqueArray(fc.integer({ min: 0, max: 70 }).map((n) => `10.0.${n > 40 ? 1 : 0}.${(n + 200) % 256}`)),
  6: fc.uniqueArray(
    fc.integer({ min: 1, max: 70 }).map((n) => `fd00::${(n + 0xfff0).toString(16).replace(/^1(....)$/, '1:$1')}`),
  ),
} as const;

for (const family of [4, 6] as const) {
  test(`blocks of IPv${family} cover the addresses and nothing else`, (t) => {
    fc.assert(
      fc.property(some[family], (addresses) => {
        const canonical = addresses.map((each) => ipaddr.parse(each).toString());
        const blocks = cidrBlocks(canonical, family).map((block) => ipaddr.parseCIDR(block));
        const size = blocks.reduce((sum, [address, bits]) => sum + 2 ** (address.toByteArray().length * 8 - bits), 0);
        t.is(size, canonical.length);
        for (const address of canonical)
          t.true(blocks.some((block) => ipaddr.parse(address).match(block as [ipaddr.IPv4, number])));
      }),
    );
  });
}

test('consecutive addresses are a range, and single ones stay as they are', (t) => {
  const addresses = ['10.0.0.11', '10.0.0.14', '10.0.0.13', '10.0.0.12', '10.0.0.20'];
  t.deepEqual(addressRanges(addresses, 4), ['10.0.0.11-10.0.0.14', '10.0.0.20']);
  t.deepEqual(addressBlocks(addresses, 4), ['10.0.0.11', '10.0.0.12/31', '10.0.0.14', '10.0.0.20']);
  t.deepEqual(addressRanges(['fd00::ffff', 'fd00::1:0'], 6), ['fd00::ffff-fd00::1:0']);
  t.deepEqual(cidrBlocks(['fd00::2', 'fd00::3', 'fd00::9'], 6), ['fd00::2/127', 'fd00::9/128']);
});

test('the ends of the address space overflow nothing', (t) => {
  t.deepEqual(addressBlocks(['255.255.255.254', '255.255.255.255', '0.0.0.0'], 4), ['0.0.0.0', '255.255.255.254/31']);
});
