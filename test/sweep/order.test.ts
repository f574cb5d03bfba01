import test from 'ava';
import fc from 'fast-check';
import { probeOrder } from '#src/sweep/order.js';

test('the order of probes is a permutation, whatever the total and the seed', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: 2 ** 31 - 1 }), (total, seed) => {
      const order = [...probeOrder(total, seed)].sort((a, b) => a - b);
      return order.length === total && order.every((index, position) => index === position);
    }),
  );
  t.pass();
});

test('neighbours are probed far apart, and the same seed gives the same order', (t) => {
  const order = [...probeOrder(1001, 42)];
  t.deepEqual(order, [...probeOrder(1001, 42)]);
  t.notDeepEqual(order, [...probeOrder(1001, 43)]);
  t.true(order.slice(1).every((index, position) => Math.abs(index - order[position]!) > 100));
});
