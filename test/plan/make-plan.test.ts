import test from 'ava';
import { checkId } from '#src/model/plan.js';
import { formatPorts } from '#src/model/port-set.js';
import { assertSomethingToProbe } from '#src/plan/make-plan.js';
import { endpoint, flow, host, lines, plan, ports, scenario, site } from './builders.js';

test('every source is paired with every destination but itself, in the order of the inventory', (t) => {
  const made = plan(
    scenario([flow('mesh', 'node -> node : 20000-21000')]),
    site(host('c', 'node'), host('a', 'node'), host('b', 'node')),
  );
  t.deepEqual(
    [...made.flows[0]!.checks].map(checkId),
    ['c/a', 'c/b', 'a/c', 'a/b', 'b/c', 'b/a'].map((pair) => `demo/mesh/${pair}`),
  );
  t.is(made.probes, 6 * 1001);
  t.deepEqual(
    [...made.probesBySource],
    [
      ['c', 2002],
      ['a', 2002],
      ['b', 2002],
    ],
  );
  t.deepEqual(made.flows[0]!.sources, ['c', 'a', 'b']);
  t.true(made.complete);
});

test('all checks of a flow share one port set', (t) => {
  const made = plan(
    scenario([flow('mesh', 'node -> node : sub')], { ports: { sub: '20000-21000' } }),
    site(host('a', 'node'), host('b', 'node'), host('c', 'node')),
  );
  t.is(new Set([...made.flows[0]!.checks].map((check) => check.ports)).size, 1);
});

test('of a thousand hosts the ports are bound once a destination, not once a pair, and every pair is counted', (t) => {
  const hosts = Array.from({ length: 1000 }, (_, i) => host(`n${i}`, 'node', { ssh: { port: 20_500 } }));
  let looks = 0;
  const counted = <T>(value: T) => ({
    get: () => {
      looks++;
      return value;
    },
  });
  for (const [i, each] of hosts.entries()) {
    const own = new Map(i === 7 ? [['sub', ports('1-2')]] : []);
    Object.defineProperties(each, { ports: counted(own), ssh: counted(each.ssh) });
  }
  const made = plan(
    scenario([flow('mesh', 'node -> node : sub'), flow('log', 'node -> node : 514')], {
      ports: { sub: '20000-21000' },
    }),
    site(...hosts),
  );
  t.true(looks < 20 * hosts.length, `${looks} looks at the hosts’ ports and sshds`);
  t.is(made.flows[0]!.checks.length, 999_000);
  const toSeventh = 999 * 3;
  const toOthers = 999 * 999 * 1002;
  t.is(made.probes, toSeventh + toOthers);
  t.is(made.probesByTarget.get('n7.example'), toSeventh);
  t.is(made.probesByTarget.get('n8.example'), 999 * 1002);
  t.is(made.probesBySource.get('n7'), 999 * 1002);
  t.is(made.probesBySource.get('n8'), 998 * 1002 + 3);
  // The hosts' own sshd listens within the range, but for the seventh's.
  t.is(made.probesBySshd.get('n8.example:20500'), 999);
  t.is(made.probesBySshd.get('n7.example:20500'), undefined);
  t.deepEqual(
    [...made.flows[0]!.checks.portSets()],
    [
      [ports('20000-21000'), 998_001],
      [ports('1-2'), 999],
    ],
  );
});

test('a member with several matching roles yields one check per flow, source and destination', (t) => {
  const made = plan(scenario([flow('web', 'app ops -> web db : 80')]), site(host('a', 'app ops'), host('b', 'web db')));
  t.deepEqual(lines(made), ['web: a -> b (b.example) 80']);
});

const both = site(host('a', 'node'), host('b', 'node'));

test('self adds the source itself, and self: only leaves nothing else', (t) => {
  t.deepEqual(lines(plan(scenario([flow('f', 'node -> node : 80', { self: true })]), both)), [
    'f: a -> a (a.example) 80',
    'f: a -> b (b.example) 80',
    'f: b -> a (a.example) 80',
    'f: b -> b (b.example) 80',
  ]);
  t.deepEqual(lines(plan(scenario([flow('f', 'node -> node : 80', { self: 'only' })]), both)), [
    'f: a -> a (a.example) 80',
    'f: b -> b (b.example) 80',
  ]);
});

test('the loopback network is 127.0.0.1 of the source itself', (t) => {
  const loopback = flow('f', 'server -> proxy : 2884', { self: 'only', network: 'loopback' });
  const made = plan(scenario([loopback]), site(host('a', 'server proxy'), host('b', 'server'), host('c', 'proxy')));
  t.deepEqual(lines(made), ['f: a -> a (127.0.0.1) 2884']);
});

test('a loopback flow whose two roles no host holds together is skipped', (t) => {
  const loopback = flow('f', 'server -> proxy : 2884', { self: 'only', network: 'loopback' });
  t.deepEqual(plan(scenario([loopback]), site(host('b', 'server'), host('c', 'proxy'))).flows[0]!.state, {
    kind: 'skipped',
    reason: 'leads from a host to itself, and none holds both the role server and the role proxy',
  });
});

test('network picks the destination’s address on it; who has none is unknown, and is never probed elsewhere', (t) => {
  const backup = flow('f', 'app -> store : 80', { network: 'backup' });
  const made = plan(
    scenario([backup]),
    site(host('a', 'app'), host('s1', 'store', { addresses: { backup: '10.30.0.1' } }), host('s2', 'store')),
  );
  t.deepEqual(lines(made), ['f: a -> s1 (10.30.0.1) 80']);
  t.deepEqual(made.flows[0]!.destinationsWithoutAddress, ['s2']);
});

test('where no destination has an address on the network, the flow is unknown, not skipped', (t) => {
  const backup = flow('f', 'app -> store : 80', { network: 'backup' });
  const [planned] = plan(scenario([backup]), site(host('a', 'app'), host('s', 'store'))).flows;
  t.is(planned!.state.kind, 'planned');
  t.is(planned!.checks.length, 0);
  t.deepEqual(planned!.destinationsWithoutAddress, ['s']);
});

test('from "*" is every other host of the site, whatever its roles, and no endpoint', (t) => {
  const made = plan(
    scenario([flow('f', '* -> agent : 2911', { expect: 'closed' })]),
    site(host('a', ''), host('b', 'agent'), endpoint('e', 'agent'), host('c', 'other')),
  );
  t.deepEqual(lines(made), [
    'f: a -> b (b.example) 2911',
    'f: a -> e (e.example) 2911',
    'f: b -> e (e.example) 2911',
    'f: c -> b (b.example) 2911',
    'f: c -> e (e.example) 2911',
  ]);
});

test('within a cluster, pairs of two clusters are left out; hosts without a cluster are one', (t) => {
  const made = plan(
    scenario([flow('f', 'node -> node : 2882', { withinCluster: true })]),
    site(
      host('a', 'node', { cluster: 'east' }),
      host('b', 'node', { cluster: 'west' }),
      host('c', 'node', { cluster: 'east' }),
      host('d', 'node'),
      host('e', 'node'),
    ),
  );
  t.deepEqual(
    [...made.flows[0]!.checks].map(({ from, to }) => `${from.name}${to.name}`),
    ['ac', 'ca', 'de', 'ed'],
  );
});

test('ports: the listener’s own over the site’s over the documented default', (t) => {
  const flows = [flow('f', 'app -> db : sql')];
  const members = site(
    host('a', 'app', { ports: { sql: '1111' } }),
    host('b', 'db'),
    host('c', 'db', { ports: { sql: '3333' } }),
  );
  const documented = plan(scenario(flows, { ports: { sql: '5432' } }), members);
  t.deepEqual(lines(documented), ['f: a -> b (b.example) 5432', 'f: a -> c (c.example) 3333']);
  const overridden = plan(scenario(flows, { ports: { sql: '5432' }, sitePorts: { sql: '2222' } }), members);
  t.deepEqual(lines(overridden), ['f: a -> b (b.example) 2222', 'f: a -> c (c.example) 3333']);
  t.is(formatPorts(overridden.flows[0]!.ports), '2222');
});

test('exclusions and preferences may be numbers or variables, and follow the listener’s overrides', (t) => {
  const metrics = flow('f', 'ocp -> agent : metrics', { any: 'ports', exclude: 'rpc, 63000', prefer: '62889, rpc' });
  const variables = { metrics: '62881-63881', rpc: '62888' };
  const members = site(host('a', 'ocp'), host('b', 'agent'), host('c', 'agent', { ports: { rpc: '62900' } }));
  const made = plan(scenario([metrics], { ports: variables }), members);
  t.deepEqual(lines(made), [
    'f: a -> b (b.example) 62881-62887,62889-62999,63001-63881',
    'f: a -> c (c.example) 62881-62899,62901-62999,63001-63881',
  ]);
  t.deepEqual([...made.flows[0]!.checks][0]!.prefer, ports('62889'));
});

test('a flow of which the exclusion leaves nothing is refused', (t) => {
  const error = t.throws(() => plan(scenario([flow('f', 'a -> b : 80-81', { exclude: '1-100' })]), both));
  t.is(
    error?.message,
    'flow demo/f has no port left: its "exclude" takes out all of 80-81; change the port or the exclusion',
  );
});

test('the service is the flow’s, else that of all its ports', (t) => {
  const options = { ports: { web: '80 http', db: '5432 postgres', other: '81 http' } };
  const members = site(host('a', 'a'), host('b', 'b'));
  const service = (made: ReturnType<typeof plan>) => [...made.flows[0]!.checks][0]!.service?.name;
  t.is(service(plan(scenario([flow('f', 'a -> b : web', { service: 'tls' })], options), members)), 'tls');
  t.is(service(plan(scenario([flow('f', 'a -> b : web, other')], options), members)), 'http');
  t.is(service(plan(scenario([flow('f', 'a -> b : web, db')], options), members)), undefined);
  t.is(service(plan(scenario([flow('f', 'a -> b : web, 99')], options), members)), undefined);
});

test('a flow whose role nobody holds is skipped, and names the role', (t) => {
  const flows = [flow('f', 'node -> ldap-server : 389'), flow('g', 'ghost -> ldap-server : 1')];
  const made = plan(scenario(flows), both);
  t.deepEqual(made.flows[0]!.state, { kind: 'skipped', reason: 'no host or endpoint holds the role ldap-server' });
  t.deepEqual(made.flows[1]!.state, {
    kind: 'skipped',
    reason: 'no host or endpoint holds the role ghost, nor the role ldap-server',
  });
  t.deepEqual([...made.members.keys()], []);
});

test('a mesh of one host, and one that no cluster has both ends of, are skipped with their reasons', (t) => {
  t.deepEqual(plan(scenario([flow('f', 'node -> node : 1')]), site(host('a', 'node'))).flows[0]!.state, {
    kind: 'skipped',
    reason: 'both ends are one and the same host, which the flow does not pair with itself',
  });
  const apart = site(host('a', 'node', { cluster: 'east' }), host('b', 'node', { cluster: 'west' }));
  t.deepEqual(plan(scenario([flow('f', 'node -> node : 1', { withinCluster: true })]), apart).flows[0]!.state, {
    kind: 'skipped',
    reason: 'stays inside a cluster, and no cluster has both ends of it',
  });
});

test('a source role that only endpoints hold has no vantage', (t) => {
  const made = plan(scenario([flow('f', 'user -> web : 80')]), site(endpoint('laptop', 'user'), host('w', 'web')));
  t.deepEqual(made.flows[0]!.state, {
    kind: 'no-vantage',
    endpoints: ['laptop'],
    reason: 'no vantage: log in from a stand-in host, or waive it',
  });
  t.deepEqual(made.flows[0]!.destinations, ['w']);
  t.deepEqual([...made.members.keys()], ['laptop', 'w']);
});

test('endpoints beside hosts that can be logged in to are sources without vantage', (t) => {
  const made = plan(
    scenario([flow('f', 'user -> web : 80')]),
    site(endpoint('laptop', 'user'), host('u', 'user'), host('w', 'web')),
  );
  t.deepEqual(lines(made), ['f: u -> w (w.example) 80']);
  t.deepEqual(made.flows[0]!.sourcesWithoutVantage, ['laptop']);
  t.deepEqual(made.flows[0]!.sources, ['u']);
});

test('a condition is decided for each pair; where it holds for none the flow is skipped with it', (t) => {
  const reserve = flow('f', 'app -> node : 1', {
    when: { kind: 'not', operand: { kind: 'fact', side: 'to', fact: 'reserve' } },
  });
  const bound = scenario([reserve], { facts: { reserve: false } });
  const spare = host('c', 'node', { facts: { reserve: true } });
  t.deepEqual(lines(plan(bound, site(host('a', 'app'), host('b', 'node'), spare))), ['f: a -> b (b.example) 1']);
  t.deepEqual(plan(bound, site(host('a', 'app'), spare)).flows[0]!.state, {
    kind: 'skipped',
    reason: 'its condition does not hold here: not to.reserve',
  });
});

test('an undecidable condition keeps the flow and says so', (t) => {
  const bound = scenario([flow('f', 'node -> node : 1', { when: { kind: 'fact', side: 'to', fact: 'direct' } })]);
  const [planned] = plan(bound, both).flows;
  t.is(planned!.checks.length, 2);
  t.deepEqual(planned!.notes, ['kept although its condition (to.direct) is undecided: the fact "direct" is not set']);
});

test('match.hosts any: the checks of one source share a group', (t) => {
  const made = plan(
    scenario([flow('f', 'app -> comp : 9092', { any: 'hosts' })]),
    site(host('a', 'app'), host('b', 'app'), host('c', 'comp'), host('d', 'comp')),
  );
  t.deepEqual(
    [...made.flows[0]!.checks].map(({ group }) => group),
    ['demo/f/a', 'demo/f/a', 'demo/f/b', 'demo/f/b'],
  );
});

test('flows of the other phase are listed, not planned', (t) => {
  const bound = scenario([
    flow('before', 'node -> node : 1', { phase: 'preflight' }),
    flow('after', 'node -> node : 2', { phase: 'check' }),
    flow('always', 'node -> node : 3', { phase: 'both' }),
  ]);
  const states = (phase: 'check' | 'preflight') =>
    plan(bound, both, { phase }).flows.map(({ state }) => (state.kind === 'skipped' ? state.reason : state.kind));
  t.deepEqual(states('check'), [
    'matters before the installation only: enforced by portolan preflight',
    'planned',
    'planned',
  ]);
  t.deepEqual(states('preflight'), [
    'planned',
    'matters after the installation only: verified by portolan check',
    'planned',
  ]);
});

test('a port that several flows ask for is one probe; two names for one host are two targets', (t) => {
  const flows = [flow('f', 'a -> b : 20000-21000'), flow('g', 'a -> b : 20500-21500')];
  t.is(plan(scenario(flows), site(host('x', 'a'), host('y', 'b'))).probes, 1501);
  const named = site(host('x', 'a'), host('y', 'b'), endpoint('z', 'b', { address: 'y.example' }));
  t.is(plan(scenario(flows), named).probes, 1501);
  const twice = site(host('x', 'a'), host('y', 'b'), endpoint('z', 'b', { address: '192.0.2.1' }));
  t.is(plan(scenario(flows), twice).probes, 3002);
});

test('the same arguments give the same plan', (t) => {
  const make = () =>
    plan(scenario([flow('f', 'node -> node : 1-1000'), flow('g', '* -> node : 22', { expect: 'closed' })]), both, {
      sample: { ports: 7, seed: 4711 },
    });
  t.deepEqual(make(), make());
});

test('a plan without a check has nothing to probe, and says why', (t) => {
  const made = plan(scenario([flow('f', 'node -> ldap : 389')]), both);
  const error = t.throws(() => assertSomethingToProbe(made), { name: 'ExpectedError' });
  t.is(
    error?.message,
    'nothing to probe: no flow leads from a host to anything; give hosts of the inventory the roles of the scenario\n' +
      '  demo/f: no host or endpoint holds the role ldap',
  );
  t.notThrows(() => assertSomethingToProbe(plan(scenario([flow('f', 'node -> node : 389')]), both)));
});
