import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { destinationRate } from '#src/model/pacing.js';
import { parsePorts } from '#src/model/port-set.js';
import { NodePace } from '#src/observe/node-pace.js';
import { RateBudget } from '#src/observe/rate-budget.js';

class Session {
  rate = 0;
  setRate(rate: number): void {
    this.rate = rate;
  }
}

const items = (...targets: readonly string[]) =>
  targets.map((target, id) => ({ id, target, ports: parsePorts('1-1000')!, allowOwnAddress: false }));

/** Slow start is over by then: 50 per second doubles four times to 800. */
const startedMs = 1500;

test('a vantage starts slowly and comes to its rate', async (t) => {
  const session = new Session();
  const pace = new NodePace(new RateBudget(300, 0), session, 3500);
  t.teardown(() => pace.end());
  t.is(pace.begin(items('10.0.0.1')), 50);
  await delay(startedMs);
  t.is(session.rate, 300);
});

test('two names of one address, and the address itself, are one destination once they are resolved', async (t) => {
  const budget = new RateBudget(800, 0);
  const sessions = ['one.example', 'two.example', '::ffff:10.0.0.7'].map((target) => {
    const session = new Session();
    const pace = new NodePace(budget, session, 3500);
    t.teardown(() => pace.end());
    pace.begin(items(target));
    if (target.endsWith('example')) pace.note({ type: 'resolved', item: 0, addresses: ['10.0.0.7'] });
    return session;
  });
  await delay(startedMs);
  const sum = sessions.reduce((all, { rate }) => all + rate, 0);
  t.true(Math.abs(sum - destinationRate) < 1e-6, `${sum}`);
});

test('a name with two addresses loads both of them', async (t) => {
  const session = new Session();
  const pace = new NodePace(new RateBudget(800, 0), session, 3500);
  t.teardown(() => pace.end());
  pace.begin(items('both.example'));
  pace.note({ type: 'resolved', item: 0, addresses: ['10.0.0.7', '10.0.0.8'] });
  await delay(startedMs);
  t.is(session.rate, 800);
});

test('without limits nothing is slowed', (t) => {
  const session = new Session();
  const pace = new NodePace(new RateBudget(0, 2000), session, 3500);
  t.is(pace.begin(items('10.0.0.1')), 0);
  pace.note({ type: 'progress', probes: 1 });
  pace.end();
  t.deepEqual([session.rate, pace.notes, pace.slowed], [0, [], false]);
});
