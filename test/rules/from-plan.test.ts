import test from 'ava';
import type { Endpoint, Member } from '#src/model/inventory.js';
import { formatPorts } from '#src/model/port-set.js';
import type { BoundScenario, Flow } from '#src/model/scenario.js';
import { everyPhase, everySource } from '#src/rules/every-source.js';
import { type Wanted, wantedByPlan } from '#src/rules/from-plan.js';
import { endpoint, flow, host, plan, scenario, site } from '../plan/builders.js';

const at = (last: number) => ({ address: `10.0.0.${last}` });

function wanted(flows: readonly Flow[], ...members: Member[]): Wanted {
  return wantedOf(scenario(flows), site(...members));
}

function wantedOf(bound: BoundScenario, members: ReadonlyMap<string, Member>): Wanted {
  return wantedByPlan(plan(everyPhase([bound]), everySource(members)), members);
}

/** `a=10.0.0.1 -> b=10.0.0.2 : 80 (flow)`. */
function lines({ rules }: Wanted): string[] {
  return rules.map(({ destinations, ports, purposes, sources }) => {
    const ends = [sources, destinations].map((places) =>
      places.map(({ address, names }) => `${names.join('+')}=${address}`).join(' '),
    );
    return `${ends.join(' -> ')} : ${formatPorts(ports)} (${purposes.map((each) => each.flow).join()})`;
  });
}

test('only what is expected to be open or reachable has to be let through', (t) => {
  const made = wanted(
    [
      flow('open', 'a -> b : 1'),
      flow('reachable', 'a -> b : 2', { expect: 'reachable' }),
      flow('closed', 'a -> b : 3', { expect: 'closed' }),
      flow('filtered', 'a -> b : 4', { expect: 'filtered' }),
      flow('before', 'a -> b : 5', { phase: 'preflight' }),
    ],
    host('x', 'a', at(1)),
    host('y', 'b', at(2)),
  );
  t.deepEqual(lines(made), [
    'x=10.0.0.1 -> y=10.0.0.2 : 1 (demo/open)',
    'x=10.0.0.1 -> y=10.0.0.2 : 2 (demo/reachable)',
    'x=10.0.0.1 -> y=10.0.0.2 : 5 (demo/before)',
  ]);
  t.deepEqual(made.notes, []);
});

test('a purpose names the flow, its title, the document and the row', (t) => {
  const [rule] = wanted(
    [flow('f', 'a -> b : 1', { severity: 'advisory', cite: ['row 1', 'row 2'] })],
    host('x', 'a'),
    host('y', 'b'),
  ).rules;
  t.deepEqual(rule?.purposes, [
    { flow: 'demo/f', title: 'The f flow (advisory)', document: 'demo ports: row 1; row 2' },
  ]);
});

test('what a host sends to itself needs no rule, by whichever address', (t) => {
  const made = wanted(
    [
      flow('self', 'a -> a : 1', { self: true }),
      flow('loop', 'a -> a : 2', { network: 'loopback' }),
      flow('shared', 'a -> b : 3'),
    ],
    host('x', 'a', at(1)),
    host('y', 'a', at(2)),
    host('vip', 'b', at(1)),
  );
  t.deepEqual(lines(made), [
    'x+vip=10.0.0.1 y=10.0.0.2 -> x+vip=10.0.0.1 y=10.0.0.2 : 1 (demo/self)',
    'y=10.0.0.2 -> x+vip=10.0.0.1 : 3 (demo/shared)',
  ]);
});

test('an endpoint that nobody can log in to is a source too, but not one of every other host', (t) => {
  const members = [
    host('x', 'a', at(1)),
    endpoint('phone', 'a', at(2)),
    endpoint('ldap', 'c', at(3)),
    host('y', 'b', at(4)),
  ];
  const made = wanted([flow('f', 'a -> b : 1'), flow('all', '* -> b : 2'), flow('some', '* c -> b : 3')], ...members);
  t.deepEqual(lines(made), [
    'x=10.0.0.1 phone=10.0.0.2 -> y=10.0.0.4 : 1 (demo/f)',
    'x=10.0.0.1 -> y=10.0.0.4 : 2 (demo/all)',
    'x=10.0.0.1 ldap=10.0.0.3 -> y=10.0.0.4 : 3 (demo/some)',
  ]);
});

test('what goes through a proxy has to reach the proxy', (t) => {
  const via = { host: '10.9.9.9', port: 3128, authority: '10.9.9.9:3128' };
  const shop: Endpoint = { ...endpoint('shop', 'b', { address: 'shop.example' }), via };
  t.deepEqual(lines(wanted([flow('f', 'a -> b : 443')], host('x', 'a', at(1)), shop)), [
    'x=10.0.0.1 -> HTTP proxy=10.9.9.9 : 3128 (demo/f)',
  ]);
});

test('the source’s address is that on the flow’s network and of the destination’s family', (t) => {
  const made = wanted(
    [flow('main', 'a -> b : 1'), flow('backup', 'a -> b : 2', { network: 'backup' }), flow('six', 'a -> c : 3')],
    host('x', 'a', { ...at(1), addresses: { backup: '10.1.0.1', six: 'fd00::1' } }),
    host('w', 'a', at(5)),
    host('y', 'b', { ...at(2), addresses: { backup: '10.1.0.2' } }),
    host('z', 'c', { address: 'FD00:0::3' }),
  );
  t.deepEqual(lines(made), [
    'x=10.0.0.1 w=10.0.0.5 -> y=10.0.0.2 : 1 (demo/main)',
    'w=10.0.0.5 x=10.1.0.1 -> y=10.1.0.2 : 2 (demo/backup)',
    // Nobody knows the address that w has there.
    'x=fd00::1 w=w -> z=fd00::3 : 3 (demo/six)',
  ]);
});

test('names stay names', (t) => {
  const made = wanted(
    [flow('f', 'a -> b : 1')],
    host('x', 'a', { address: 'x.example' }),
    host('y', 'b', { address: 'y.example' }),
  );
  t.deepEqual(lines(made), ['x=x.example -> y=y.example : 1 (demo/f)']);
});

test('what is left out is said, and why', (t) => {
  const made = wanted(
    [
      flow('unheld', 'a -> nobody : 1'),
      flow('elsewhere', 'a -> b : 2', { network: 'backup' }),
      flow('denied', 'a -> nobody : 3', { expect: 'closed' }),
    ],
    host('x', 'a', at(1)),
    host('y', 'b', at(2)),
  );
  t.deepEqual(lines(made), []);
  t.deepEqual(made.notes, [
    'demo/unheld is left out: no host or endpoint holds the role nobody',
    'demo/elsewhere to y is left out: no address on the network "backup"',
  ]);
});

test('a mesh of a thousand hosts, a million pairs, is one rule within a second or two', (t) => {
  const hosts = Array.from({ length: 1000 }, (_, i) => host(`n${i}`, 'node', { address: `10.${i >> 8}.${i & 255}.1` }));
  const members = site(...hosts);
  const made = plan(
    [scenario([flow('mesh', 'node -> node : 20000-21000', { expect: 'reachable' })])],
    everySource(members),
  );
  const began = performance.now();
  const { rules } = wantedByPlan(made, members);
  const took = performance.now() - began;
  t.is(rules.length, 1);
  t.is(rules[0]?.sources.length, 1000);
  // Half a second by itself; the cores are shared.
  t.true(took < 5000, `${took} ms`);
});

test('of ports of which one will do all are asked for, those that are excluded from judging too', (t) => {
  const flows = [
    flow('agent', 'a -> b : 62881-62890', { any: 'ports', exclude: '62888', prefer: '62889' }),
    flow('all', 'a -> b : 100-110', { exclude: '105' }),
  ];
  t.deepEqual(lines(wanted(flows, host('x', 'a', at(1)), host('y', 'b', at(2)))), [
    'x=10.0.0.1 -> y=10.0.0.2 : 62881-62890 (demo/agent)',
    'x=10.0.0.1 -> y=10.0.0.2 : 100-104,106-110 (demo/all)',
  ]);
});
