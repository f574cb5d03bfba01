import test from 'ava';
import fc from 'fast-check';
import { preAuthConnections, preAuthWindowMs } from '#src/model/pacing.js';
import { type Clock, PreAuthWindow, unlimitedPreAuth } from '#src/vantage/pre-auth-budget.js';
import { never } from './fixtures.js';

/** Time that passes only when everybody sleeps. */
class FakeClock implements Clock {
  time = 0;
  readonly #sleepers: { readonly until: number; readonly wake: () => void }[] = [];

  now = () => this.time;

  sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      this.#sleepers.push({ until: this.time + milliseconds, wake: resolve });
    });
  }

  /** Lets time pass until nobody sleeps any more. */
  async run(): Promise<void> {
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#sleepers.length === 0) return;
      this.#sleepers.sort((a, b) => a.until - b.until);
      const next = this.#sleepers.shift()!;
      this.time = Math.max(this.time, next.until);
      next.wake();
    }
  }
}

test('ten connections go through at once, the eleventh when the first is out of the window', async (t) => {
  const clock = new FakeClock();
  const budget = new PreAuthWindow(clock);
  const begun: number[] = [];
  for (let i = 0; i < 25; i++) void budget.take('10.0.0.1:22', never).then(() => begun.push(clock.time));
  await clock.run();
  t.is(begun.filter((time) => time === 0).length, 10);
  t.is(begun.filter((time) => time === 16_000).length, 10);
  t.is(begun.filter((time) => time === 32_000).length, 5);
});

test('a slow login counts from its end', async (t) => {
  const clock = new FakeClock();
  const budget = new PreAuthWindow(clock);
  const over = await Promise.all(Array.from({ length: 10 }, () => budget.take('10.0.0.1:22', never)));
  clock.time = 9000;
  for (const end of over) end();
  t.is(budget.tryTake('10.0.0.1:22'), 16_000);
});

test('every sshd has a budget of its own', async (t) => {
  const budget = new PreAuthWindow(new FakeClock());
  for (let i = 0; i < 10; i++) t.is(budget.tryTake('10.0.0.1:22'), 0);
  t.true(budget.tryTake('10.0.0.1:22') > 0);
  t.is(budget.tryTake('10.0.0.1:2222'), 0);
  t.is(budget.tryTake('10.0.0.2:22'), 0);
});

test('who waits, and for how long, can be told', (t) => {
  const clock = new FakeClock();
  const budget = new PreAuthWindow(clock);
  for (let i = 0; i < 10; i++) budget.tryTake('10.0.0.1:22');
  t.is(budget.waiting, undefined);
  clock.time = 4000;
  t.is(budget.tryTake('10.0.0.1:22'), 12_000);
  clock.time = 6000;
  t.deepEqual(budget.waiting, { sshd: '10.0.0.1:22', forMs: 10_000 });
  clock.time = 16_000;
  t.is(budget.waiting, undefined);
});

test('logins that wait go before probes', async (t) => {
  const clock = new FakeClock();
  const budget = new PreAuthWindow(clock);
  for (let i = 0; i < 10; i++) budget.tryTake('10.0.0.1:22');
  const login = budget.take('10.0.0.1:22', never);
  clock.time = 16_000;
  t.true(budget.tryTake('10.0.0.1:22') > 0);
  await clock.run();
  await login;
  t.is(budget.tryTake('10.0.0.1:22'), 0);
});

test('an abort ends the waiting, and the next in the queue takes the place', async (t) => {
  const clock = new FakeClock();
  const budget = new PreAuthWindow(clock);
  for (let i = 0; i < 10; i++) budget.tryTake('10.0.0.1:22');
  const abort = new AbortController();
  const first = budget.take('10.0.0.1:22', abort.signal);
  const second = budget.take('10.0.0.1:22', never);
  await new Promise((resolve) => setImmediate(resolve));
  abort.abort(new Error('Ctrl-C'));
  await t.throwsAsync(first, { message: 'Ctrl-C' });
  await clock.run();
  await second;
  t.is(clock.time, 16_000);
});

test('whenever connections are wanted, no 15 s hold more than ten', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 8000 }), { maxLength: 80 }), async (pauses) => {
      const clock = new FakeClock();
      const budget = new PreAuthWindow(clock);
      const begun: number[] = [];
      const all = pauses.map(async (_, i) => {
        await clock.sleep(
          pauses.slice(0, i + 1).reduce((sum, each) => sum + each, 0),
          never,
        );
        await budget.take('sshd', never);
        begun.push(clock.time);
      });
      await clock.run();
      await Promise.all(all);
      return begun.every(
        (start) => begun.filter((time) => time >= start && time < start + preAuthWindowMs).length <= preAuthConnections,
      );
    }),
    { numRuns: 40 },
  );
  t.pass();
});

test('without limits nobody waits', async (t) => {
  for (let i = 0; i < 100; i++) await unlimitedPreAuth.take('10.0.0.1:22', never);
  t.is(unlimitedPreAuth.tryTake('10.0.0.1:22'), 0);
});
