import test from 'ava';
import type { Answer } from '#src/model/observation.js';
import { formatPorts, parsePorts } from '#src/model/port-set.js';
import type { NodeSession, SweepEvent, SweepItem, SweepLimits } from '#src/model/sweep.js';
import { Collector } from '#src/observe/collector.js';
import { NodePace } from '#src/observe/node-pace.js';
import { NodeSweeps } from '#src/observe/node-sweeps.js';
import { ProgressCount } from '#src/observe/progress.js';
import { RateBudget } from '#src/observe/rate-budget.js';
import { unlimitedPreAuth } from '#src/vantage/pre-auth-budget.js';

const quiet = new AbortController().signal;
const token: Answer = { kind: 'token', answer: 'ours' };
const silent: Answer = { kind: 'tokenless', how: 'silent' };
const [near, far, closed] = ['10.0.0.1', '10.0.0.2', '10.0.0.3'];

interface Sweep {
  readonly items: readonly SweepItem[];
  readonly token: SweepLimits['token'];
}

/**
 * Sweeps of a session whose paths carry small packets only, but for `near`: what it answers by the size of the question.
 */
async function swept(asksTokens: boolean, answers: (address: string, large: boolean) => readonly Answer[]) {
  const sweeps: Sweep[] = [];
  const session = {
    asksTokens,
    setRate() {},
    async sweep(items: readonly SweepItem[], limits: SweepLimits, onEvent: (event: SweepEvent) => void) {
      sweeps.push({ items, token: limits.token });
      for (const { id: item, ports, target: address } of items)
        for (const answer of answers(address, (limits.token?.paddedTo ?? 0) > 0))
          onEvent({ type: 'answers', item, address, ports, answer });
    },
  } as unknown as NodeSession;
  const collector = new Collector();
  const pace = new NodePace(new RateBudget(0, 0), session, 1000);
  const node = new NodeSweeps(
    session,
    { timeoutMs: 1000, seed: 1 },
    { collector, pace, progress: new ProgressCount(1, 1, () => {}) },
  );
  const ports = parsePorts('80-89')!;
  const sweep = [near, far, closed].map((target) => ({
    ...{ target, ports, allowOwnAddress: false, unlessOpen: [], ask: true },
  }));
  await node.run({ sweep, ssh: [], token: 'say this' }, new Set(), unlimitedPreAuth, async () => {}, quiet);
  return { lost: await node.loseLarge(new Set([near, far, closed]), quiet), sweeps, node };
}

test('an address that answers a small question and not a large one loses large packets', async (t) => {
  const { lost, sweeps } = await swept(true, (address, large) =>
    address === closed ? [{ kind: 'error', errno: 'ECONNREFUSED' }] : [large && address === far ? silent : token],
  );
  t.deepEqual(lost, [far]);
  const [small, large] = sweeps;
  t.deepEqual(small?.token, { text: 'say this', paddedTo: 0 });
  t.true(small?.items.every(({ ask }) => ask));
  t.deepEqual(large?.token, { text: 'say this', paddedTo: 20_000 });
  // One port of each address that answered, and nobody else.
  t.deepEqual(
    large?.items.map(({ ports, target }) => `${target} ${formatPorts(ports)}`),
    [`${near} 80`, `${far} 80`],
  );
});

test('a second try that is answered makes up for the first, and whatever else comes is no silence', async (t) => {
  const revised = await swept(true, (_, large) => (large ? [silent, token] : [token]));
  t.deepEqual(revised.lost, []);
  const reset = await swept(true, (_, large) => (large ? [{ kind: 'tokenless', how: 'reset' }] : [token]));
  t.deepEqual(reset.lost, []);
});

test('an engine that cannot ask is not told to, and asks for nothing large', async (t) => {
  const { lost, sweeps } = await swept(false, () => [{ kind: 'connected' }]);
  t.deepEqual(lost, []);
  t.deepEqual(
    sweeps.map(({ items, token: said }) => [said, items.some(({ ask }) => ask)]),
    [[undefined, false]],
  );
});

test('an interrupted run claims no loss', async (t) => {
  const { node } = await swept(true, (_, large) => (large ? [silent] : [token]));
  t.deepEqual(await node.loseLarge(new Set([near]), AbortSignal.abort()), []);
});
