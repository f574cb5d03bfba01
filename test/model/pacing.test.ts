import test from 'ava';
import { slowStartDelay, slowStartRate } from '#src/model/pacing.js';

test('a vantage begins at 50 connects per second and doubles every 250 ms up to its rate', (t) => {
  const rates = [0, 249, 250, 499, 500, 750, 60_000].map((elapsed) => slowStartRate(1000, elapsed));
  t.deepEqual(rates, [50, 50, 100, 100, 200, 400, 1000]);
  t.is(slowStartRate(20, 0), 20);
});

test('a slow start costs the default rate a third of a second', (t) => {
  // A quarter of a second at 50 and one at 100 are 37.5 connects; 62.5 of 100 are missed, and made up for at 200.
  t.is(slowStartDelay(200), 0.3125);
  t.is(slowStartDelay(50), 0);
  t.true(slowStartDelay(5000) < 2);
});
