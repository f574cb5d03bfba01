import test from 'ava';
import fc from 'fast-check';
import { countPorts } from '#src/model/port-set.js';
import { planWork } from '#src/plan/work.js';
import { probeOrder } from '#src/sweep/order.js';
import { flow, host, plan, scenario, site } from './builders.js';

/** The targets of one source's probes, in the order in which every engine makes them. */
function inOrder(work: ReturnType<typeof planWork>, seed: number): readonly string[] {
  const targets = work.sweep.flatMap(({ ports, target }) => Array.from({ length: countPorts(ports) }, () => target));
  return [...probeOrder(targets.length, seed)].map((index) => targets[index]!);
}

test('the targets of a source begin behind it and go round', (t) => {
  const hosts = ['a', 'b', 'c', 'd'].map((name) => host(name, 'node'));
  const made = plan(scenario([flow('mesh', 'node -> node : 80')]), site(...hosts));
  const targets = hosts.map((each) => planWork(made, each).sweep.map(({ target }) => target.slice(0, 1)));
  t.deepEqual(targets, [
    ['b', 'c', 'd'],
    ['c', 'd', 'a'],
    ['d', 'a', 'b'],
    ['a', 'b', 'c'],
  ]);
});

test('in a mesh no two sources are at one destination at the same place of their order', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 12 }),
      fc.integer({ min: 1, max: 40 }),
      fc.nat({ max: 2 ** 31 - 1 }),
      (nodes, ports, seed) => {
        const hosts = Array.from({ length: nodes }, (_, index) => host(`n${index}`, 'node'));
        const range = flow('mesh', `node -> node : 20000-${20000 + ports - 1}`);
        const made = plan(scenario([range]), site(...hosts));
        const orders = hosts.map((each) => inOrder(planWork(made, each), seed));
        return orders[0]!.every((_, place) => new Set(orders.map((order) => order[place])).size === nodes);
      },
    ),
    { numRuns: 60 },
  );
  t.pass();
});

test('two flows of a mesh do not bring the sources together either', (t) => {
  const hosts = Array.from({ length: 8 }, (_, index) => host(`n${index}`, 'node'));
  const flows = [flow('one', 'node -> node : 80'), flow('two', 'node -> node : 20000-20009')];
  const made = plan(scenario(flows), site(...hosts));
  const orders = hosts.map((each) => inOrder(planWork(made, each), 7));
  t.true(orders[0]!.every((_, place) => new Set(orders.map((order) => order[place])).size === hosts.length));
});
