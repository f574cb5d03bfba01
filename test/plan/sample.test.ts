import test from 'ava';
import fc from 'fast-check';
import { countPorts, hasPort, portSet, subtractPorts } from '#src/model/port-set.js';
import { makeSampler } from '#src/plan/sample.js';
import { flow, host, plan, ports, scenario, site } from './builders.js';

const ranges = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 60_000 }), fc.integer({ min: 0, max: 1200 })), {
    minLength: 1,
    maxLength: 5,
  })
  .map((list) => portSet(list.map(([first, more]) => [first, first + more] as const)));
const sizes = fc.integer({ min: 2, max: 300 });
const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });

test('a sample holds both ends of each range and as many ports as asked for, all of them of the range', (t) => {
  fc.assert(
    fc.property(ranges, sizes, seeds, (set, size, seed) => {
      const sample = makeSampler({ ports: size, seed }).take(set);
      t.deepEqual(subtractPorts(sample, set), []);
      for (const [first, last] of set) {
        t.true(hasPort(sample, first) && hasPort(sample, last));
      }
      const expected = set.reduce((sum, [first, last]) => sum + Math.min(size, last - first + 1), 0);
      t.is(countPorts(sample), expected);
    }),
  );
});

test('the same seed takes the same ports, another seed mostly others', (t) => {
  const take = (seed: number) => makeSampler({ ports: 20, seed }).take(ports('20000-21000'));
  t.deepEqual(take(1), take(1));
  t.notDeepEqual(take(1), take(2));
});

test('a set is sampled once, so that checks go on sharing it; a small one is left as it is', (t) => {
  const sampler = makeSampler({ ports: 10, seed: 1 });
  const range = ports('1-100');
  t.is(sampler.take(range), sampler.take(range));
  const small = ports('1-10,20');
  t.is(sampler.take(small), small);
});

test('a sample of one port is the first', (t) => {
  t.deepEqual(makeSampler({ ports: 1, seed: 1 }).take(ports('10-20')), [[10, 10]]);
});

test('a sampled plan says so, and is not complete', (t) => {
  const members = site(host('a', 'app'), host('b', 'node'));
  const made = plan(scenario([flow('f', 'app -> node : 20000-21000')]), members, { sample: { ports: 10, seed: 1 } });
  t.is(made.probes, 10);
  t.false(made.complete);
  t.deepEqual(made.flows[0]!.notes, ['sampled: 10 of 1001 ports of its destinations, by --seed 1']);
});

test('where any port will do, nothing is sampled: the sample could miss the one that answers', (t) => {
  const members = site(host('a', 'app'), host('b', 'node'));
  const any = flow('f', 'app -> node : 20000-21000', { any: 'ports', prefer: '20005' });
  const made = plan(scenario([any]), members, { sample: { ports: 10, seed: 1 } });
  t.is(made.probes, 1001);
  t.deepEqual(made.flows[0]!.notes, ['not sampled: one answering port will do, and a sample could miss it']);
});
