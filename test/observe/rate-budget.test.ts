import test from 'ava';
import fc from 'fast-check';
import { destinationRate } from '#src/model/pacing.js';
import { type Load, type Paced, RateBudget } from '#src/observe/rate-budget.js';

class Vantage implements Paced {
  readonly rates: number[] = [];
  get rate(): number {
    return this.rates.at(-1) ?? 0;
  }
  setRate(rate: number): void {
    this.rates.push(rate);
  }
}

/** A load of so many ports at each destination. */
function load(ports: Readonly<Record<string, number>>): Load {
  const total = Object.values(ports).reduce((sum, each) => sum + each, 0);
  return new Map(Object.entries(ports).map(([destination, each]) => [destination, each / total]));
}

const elsewhere = () => load({ [Math.random()]: 1 });

test('the total rate is divided among the vantages that are sweeping now', (t) => {
  const budget = new RateBudget(200, 300);
  const [first, second] = [new Vantage(), new Vantage()];
  budget.set(first, 200, elsewhere());
  budget.set(second, 200, elsewhere());
  t.is(budget.shareOf(second), 150);
  budget.leave(second);
  t.deepEqual(first.rates, [200, 150, 200]);
});

test('what a vantage cannot use is left to the others', (t) => {
  const budget = new RateBudget(200, 300);
  const [slow, fast] = [new Vantage(), new Vantage()];
  budget.set(slow, 200, elsewhere());
  budget.set(fast, 200, elsewhere());
  budget.set(slow, 100, elsewhere());
  t.deepEqual([slow.rate, fast.rate], [100, 200]);
});

test('a hundred vantages together send one destination no more than its rate, and others are not slowed by it', (t) => {
  const budget = new RateBudget(200, 0);
  const crowd = Array.from({ length: 100 }, () => new Vantage());
  for (const vantage of crowd) budget.set(vantage, 200, load({ server: 10 }));
  const mixed = new Vantage();
  budget.set(mixed, 200, load({ server: 1, other: 999 }));
  const other = new Vantage();
  budget.set(other, 200, load({ other: 1 }));
  const sum = crowd.reduce((all, { rate }) => all + rate, mixed.rate / 1000);
  t.true(sum <= destinationRate + 1e-6 && sum > destinationRate * 0.99, `${sum}`);
  t.is(other.rate, 200);
});

test('a total rate of 0 leaves each vantage its own limit', (t) => {
  const budget = new RateBudget(200, 0);
  const vantages = Array.from({ length: 50 }, () => new Vantage());
  for (const vantage of vantages) budget.set(vantage, 200, elsewhere());
  t.true(vantages.every(({ rate }) => rate === 200));
});

test('a rate of 0 lifts every limit, and nobody is told anything', (t) => {
  const budget = new RateBudget(0, 2000);
  const vantage = new Vantage();
  budget.set(vantage, 50, load({ server: 1 }));
  t.is(budget.shareOf(vantage), 0);
  t.deepEqual(vantage.rates, []);
  t.deepEqual(budget.reserveForDialogues(), { destination: 0, total: 0 });
});

test('where there are dialogues, sweeps leave them a tenth of each rate', (t) => {
  const budget = new RateBudget(1000, 1000);
  const [alone, other] = [new Vantage(), new Vantage()];
  budget.set(alone, 1000, load({ server: 1 }));
  budget.set(other, 1000, load({ other: 1 }));
  t.deepEqual(budget.reserveForDialogues(), { destination: destinationRate / 10, total: 100 });
  t.deepEqual([alone.rate, other.rate], [destinationRate * 0.9, destinationRate * 0.9]);
});

const destinations = ['a', 'b', 'c', 'd'];
const anyLoad = fc
  .array(fc.nat({ max: 1000 }), { minLength: 4, maxLength: 4 })
  .filter((ports) => ports.some((each) => each > 0))
  .map((ports) =>
    load(Object.fromEntries(destinations.map((name, i) => [name, ports[i]!]).filter(([, n]) => n !== 0))),
  );
const anyStep = fc.record({
  who: fc.nat({ max: 11 }),
  does: fc.oneof(
    fc.record({ limit: fc.integer({ min: 1, max: 3000 }), load: anyLoad }),
    fc.constant('leaves' as const),
    fc.constant('dialogues' as const),
  ),
});

test('whoever joins, leaves or changes, no rate is exceeded at any moment, and nobody starves', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1000 }),
      fc.integer({ min: 1, max: 5000 }),
      fc.array(anyStep, { maxLength: 60 }),
      (rate, totalRate, steps) => {
        const budget = new RateBudget(rate, totalRate);
        const loads = new Map<Vantage, Load>();
        let left = 1;
        const within = () => {
          const sum = (part: (of: Load) => number) =>
            [...loads].reduce((all, [{ rate: share }, of]) => all + share * part(of), 0);
          const most = (limit: number) => limit * (1 + 1e-6);
          return (
            sum(() => 1) <= most(totalRate * left) &&
            destinations.every((name) => sum((of) => of.get(name) ?? 0) <= most(destinationRate * left)) &&
            [...loads.keys()].every((vantage) => vantage.rate <= rate)
          );
        };
        // Messages go out one by one: nobody may be told of a larger share before the others gave theirs up.
        const checking = (settled: () => boolean) =>
          class extends Vantage {
            override setRate(told: number): void {
              super.setRate(told);
              if (settled() && !within()) throw new Error('exceeded on the way');
            }
          };
        let changing = false;
        const Checked = checking(() => !changing);
        const vantages = Array.from({ length: 12 }, () => new Checked());
        for (const { who, does } of steps) {
          const vantage = vantages[who]!;
          if (does === 'leaves') {
            loads.delete(vantage);
            budget.leave(vantage);
            vantage.rates.length = 0;
          } else if (does === 'dialogues') {
            changing = true;
            left = 0.9;
            budget.reserveForDialogues();
            changing = false;
          } else {
            // A load that changes is the vantage's own doing: it is over only once everybody was told.
            changing = loads.has(vantage);
            loads.set(vantage, does.load);
            budget.set(vantage, does.limit, does.load);
            changing = false;
          }
          if (!within()) return false;
          if ([...loads.keys()].some((each) => !(each.rate > 0))) return false;
        }
        return true;
      },
    ),
    { numRuns: 300 },
  );
  t.pass();
});
