import test from 'ava';
import { RateBudget } from '#src/observe/rate-budget.js';

function pacedSession() {
  const rates: number[] = [];
  return { rates, setRate: (rate: number) => void rates.push(rate) };
}

test('the total rate is divided among the vantages that are sweeping now', (t) => {
  const budget = new RateBudget(200, 300);
  const [first, second] = [pacedSession(), pacedSession()];
  budget.join(first);
  budget.join(second);
  t.is(budget.share, 150);
  budget.leave(second);
  t.deepEqual(first.rates, [200, 150, 200]);
});

test('a total rate of 0 leaves each vantage its own limit', (t) => {
  const budget = new RateBudget(200, 0);
  for (let i = 0; i < 50; i++) budget.join(pacedSession());
  t.is(budget.share, 200);
});

test('a rate of 0 lifts the total as well', (t) => {
  const budget = new RateBudget(0, 2000);
  budget.join(pacedSession());
  t.is(budget.share, 0);
});
