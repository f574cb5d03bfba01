import test from 'ava';
import fc from 'fast-check';
import type { Host } from '#src/model/inventory.js';
import type { Plan, VantageWork } from '#src/model/plan.js';
import {
  eachPort,
  formatPorts,
  intersectPorts,
  portSet,
  singlePort,
  subtractPorts,
  unionPorts,
} from '#src/model/port-set.js';
import { atomsOf } from '#src/plan/atoms.js';
import { planWork } from '#src/plan/work.js';
import { serviceNamed } from '../service.js';
import { endpoint, flow, host, mysqlTraits, oracleTraits, plan, redisTraits, scenario, site } from './builders.js';

const a = host('a', 'app');
const b = host('b', 'node', { address: '10.0.0.2' });
const members = site(a, b);

/** `PORTS`, `PORTS unless PORTS`, `PORT SERVICE`, each with ` own` where the source may be its own destination. */
function summary({ sweep, dialogues }: VantageWork): string[] {
  const own = (allowed: boolean) => (allowed ? ' own' : '');
  return [
    ...sweep.map(({ ports, unlessOpen, allowOwnAddress }) => {
      const unless = unlessOpen.length === 0 ? '' : ` unless ${formatPorts(unlessOpen)}`;
      return `${formatPorts(ports)}${unless}${own(allowOwnAddress)}`;
    }),
    ...dialogues.map(({ after, allowOwnAddress, anyPort, ports, service, sweptFirst, unlessOpen, via }) => {
      const by = via === undefined ? '' : ` by ${via.authority}`;
      const how = `${by}${sweptFirst ? ' if open' : ''}${anyPort ? ' until one' : ''}`;
      const unless = unlessOpen.length === 0 ? '' : ` unless ${formatPorts(unlessOpen)}`;
      return `${formatPorts(ports)} ${service?.name ?? 'connect'}${how}${after === undefined ? '' : ` after ${after}`}${unless}${own(allowOwnAddress)}`;
    }),
  ];
}

test('what two flows cover is probed once', (t) => {
  const flows = [flow('f', 'app -> node : 20000-21000'), flow('g', 'app -> node : 20500-21500')];
  t.deepEqual(summary(planWork(plan(scenario(flows), members), a)), ['20000-20499', '20500-21000', '21001-21500']);
});

test('a host that is no source has no work', (t) => {
  t.deepEqual(planWork(plan(scenario([flow('f', 'app -> node : 80')]), members), b), {
    host: b,
    sweep: [],
    ssh: [],
    dialogues: [],
  });
});

test('preferred ports are always tried; the rest is needless once one of them is open', (t) => {
  const any = flow('f', 'app -> node : 62881-62899', { any: 'ports', prefer: '62889' });
  t.deepEqual(summary(planWork(plan(scenario([any]), members), a)), ['62881-62888,62890-62899 unless 62889', '62889']);
});

test('what another flow needs in any case is tried in any case', (t) => {
  const any = flow('f', 'app -> node : 62881-62890', { any: 'ports', prefer: '62889' });
  const flows = [any, flow('rpc', 'app -> node : 62888')];
  t.deepEqual(summary(planWork(plan(scenario(flows), members), a)), [
    '62881-62887,62890 unless 62889',
    '62888',
    '62889',
  ]);
  const other = flow('g', 'app -> node : 62881-62883', { any: 'ports', prefer: '62881' });
  t.deepEqual(summary(planWork(plan(scenario([any, other]), members), a)), [
    '62881',
    '62882-62883',
    '62884-62888,62890 unless 62889',
    '62889',
  ]);
});

test('ports of the MySQL family are left to a dialogue, also where only a range covers them, once for all flows', (t) => {
  const flows = [
    flow('sql', 'app -> node : sql'),
    flow('again', 'app -> node : sql', { expect: 'reachable' }),
    flow('range', 'app -> node : 3300-3310', { expect: 'reachable' }),
    flow('wide', 'app -> node : 13300-13310', { expect: 'closed' }),
  ];
  const made = plan(scenario(flows, { ports: { sql: '13306 mysql' }, sitePorts: { sql: '3306' } }), members);
  t.deepEqual(summary(planWork(made, a)), ['3300-3305,3308-3310', '13300-13310', '3306 mysql', '3307 mysql']);
});

test('a port that a flow gives to MySQL at one destination is guarded at the others', (t) => {
  const flows = [flow('sql', 'app -> db : sql'), flow('range', 'app -> node : 13300-13310', { expect: 'reachable' })];
  const made = plan(scenario(flows, { ports: { sql: '13306 mysql' } }), site(a, b, host('d', 'db')));
  t.deepEqual(summary(planWork(made, a)), ['13300-13305,13307-13310', '13306 mysql', '13306 mysql']);
});

test('a guarded port that a flow gives to another service at that very destination is that service’s', (t) => {
  const flows = [flow('sql', 'app -> db : sql'), flow('web', 'app -> node : web', { service: 'http' })];
  const bound = scenario(flows, { ports: { sql: '8080 mysql', web: '8080' } });
  const made = plan(bound, site(a, b, host('d', 'db')));
  t.deepEqual(planWork(made, a).dialogues, [
    {
      target: 'd.example',
      ports: [[8080, 8080]],
      service: serviceNamed('mysql'),
      allowOwnAddress: false,
      sweptFirst: false,
      unlessOpen: [],
      anyPort: false,
      sshd: undefined,
    },
  ]);
  t.deepEqual(planWork(made, a).sweep, [
    { target: '10.0.0.2', ports: [[8080, 8080]], allowOwnAddress: false, unlessOpen: [] },
  ]);
});

const talking = { dialogues: [mysqlTraits, redisTraits, oracleTraits] };

test('where something has to be open, who answers is asked once the sweep has found it open', (t) => {
  const flows = [
    flow('cache', 'app -> node : 6379', { service: 'redis' }),
    flow('path', 'app -> node : 6380', { service: 'redis', expect: 'reachable' }),
    flow('mixed', 'app -> node : cache, web'),
    flow('twice', 'app -> node : cache'),
  ];
  const made = plan(scenario(flows, { ports: { cache: '6400 redis', web: '80 http' } }), members, talking);
  t.deepEqual(summary(planWork(made, a)), ['80', '6379', '6380', '6400', '6379 redis if open', '6400 redis if open']);
});

test('of any-of ports the preferred ones are asked first, the others only where none of those identified itself', (t) => {
  const some = flow('some', 'app -> node : 6390-6399', { service: 'redis', any: 'ports', prefer: '6395' });
  const made = plan(scenario([some]), members, talking);
  t.deepEqual(summary(planWork(made, a)), [
    '6390-6394,6396-6399 unless 6395',
    '6395',
    '6395 redis if open until one',
    '6390-6394,6396-6399 redis if open until one unless 6395',
  ]);
});

test('a service that complains of a bare connect is connected to once, by its dialogue, whatever else covers the port', (t) => {
  const flows = [
    flow('sql', 'app -> node : 1521', { service: 'oracle' }),
    flow('range', 'app -> node : 1520-1522', { expect: 'reachable' }),
    flow('cache', 'app -> node : 1521', { service: 'redis' }),
  ];
  const made = plan(scenario(flows), members, talking);
  t.deepEqual(summary(planWork(made, a)), ['1520,1522', '1521 oracle', '1521 redis']);
});

test('an sshd that is to identify itself is connected to once, and counted', (t) => {
  const sshTraits = { ...oracleTraits, service: 'ssh' };
  const made = plan(scenario([flow('sftp', 'app -> node : 22', { service: 'ssh' })]), members, {
    dialogues: [sshTraits],
  });
  const { dialogues, ssh, sweep } = planWork(made, a);
  t.deepEqual([sweep, ssh], [[], []]);
  t.deepEqual(
    dialogues.map(({ sshd }) => sshd),
    ['10.0.0.2:22'],
  );
});

test('a host may probe its own address for loopback and self flows only', (t) => {
  const node = host('n', 'node', { address: '10.0.0.9' });
  const flows = [
    flow('self', 'node -> node : 80, 3306', { self: 'only' }),
    flow('vip', 'node -> vip : 80-81', { expect: 'reachable' }),
  ];
  const made = plan(scenario(flows), site(node, host('v', 'vip', { address: '10.0.0.9' })));
  t.deepEqual(summary(planWork(made, node)), ['80 own', '81', '3306 mysql own']);
});

const someSets = fc.array(
  fc
    .array(fc.tuple(fc.integer({ min: 3295, max: 3330 }), fc.integer({ min: 0, max: 10 })), {
      minLength: 1,
      maxLength: 3,
    })
    .map((list) => portSet(list.map(([first, more]) => [first, first + more] as const))),
  { minLength: 1, maxLength: 6 },
);

test('atoms are disjoint, and every set is a union of whole atoms', (t) => {
  fc.assert(
    fc.property(someSets, (sets) => {
      const atoms = atomsOf(sets);
      t.is(new Set(atoms.map(({ covering }) => covering.join())).size, atoms.length);
      t.deepEqual(unionPorts(...atoms.map(({ ports }) => ports)), unionPorts(...sets));
      for (const [i, set] of sets.entries()) {
        t.deepEqual(unionPorts(...atoms.filter((atom) => atom.covering.includes(i)).map(({ ports }) => ports)), set);
      }
      for (const [i, atom] of atoms.entries())
        for (const other of atoms.slice(i + 1)) t.deepEqual(intersectPorts(atom.ports, other.ports), []);
    }),
    { numRuns: 500 },
  );
});

function isSound(made: Plan, source: Host): boolean {
  const { sweep, dialogues } = planWork(made, source);
  const items = [
    ...sweep.map(({ target, ports }) => ({ target, ports })),
    ...dialogues.flatMap(({ target, ports }) =>
      [...eachPort(ports)].map((port) => ({ target, ports: singlePort(port) })),
    ),
  ];
  const disjoint = items.every(({ target, ports }, i) =>
    items.slice(i + 1).every((other) => other.target !== target || intersectPorts(ports, other.ports).length === 0),
  );
  const checks = made.flows.flatMap((planned) => planned.checks.ofSource(source.name));
  const unions = checks.every(({ target, ports }) => {
    const touching = items.filter((item) => item.target === target && intersectPorts(item.ports, ports).length > 0);
    return formatPorts(unionPorts(...touching.map((item) => item.ports))) === formatPorts(ports);
  });
  const unguarded = sweep.every(({ ports }) => intersectPorts(ports, made.guardedPorts).length === 0);
  const asked = unionPorts(...checks.map(({ ports }) => ports));
  const needed = items.every(({ ports }) => subtractPorts(ports, asked).length === 0);
  return disjoint && unions && unguarded && needed;
}

// No service here lifts the guard from a port; that is tested above.
const flowKinds = fc.record({
  match: fc.constantFrom(undefined, 'ports' as const, 'hosts' as const),
  prefer: fc.constantFrom('', '3300', '3306-3312'),
  service: fc.constantFrom(undefined, 'mysql' as const, 'tcp' as const),
  path: fc.constantFrom('app -> node', 'app -> db', 'app -> node db'),
});

test('items are disjoint, every check is a union of items, and no guarded port is swept', (t) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(flowKinds, someSets), { minLength: 1, maxLength: 4 }), (kinds) => {
      const flows = kinds.map(([{ match, prefer, service, path }, [set]], i) =>
        flow(`f${i}`, `${path} : ${formatPorts(set!)}`, {
          ...(match === undefined ? {} : { any: match }),
          ...(match === 'ports' ? { prefer } : {}),
          ...(service === undefined ? {} : { service }),
        }),
      );
      const made = plan(scenario(flows), site(a, b, host('d', 'db node')));
      t.true(isSound(made, a));
    }),
    { numRuns: 500 },
  );
});

test('through a proxy nothing is swept: each port is one connection, spoken to where a flow names a service', (t) => {
  const via = { host: 'proxy.example', port: 3128, authority: 'proxy.example:3128' };
  const api = { ...endpoint('api', 'api', { address: '10.0.0.5' }), via };
  const flows = [
    flow('web', 'app -> api : 6379', { service: 'redis' }),
    flow('range', 'app -> api : 6378-6380', { expect: 'reachable' }),
    flow('sql', 'app -> api : 3306', { expect: 'closed' }),
    flow('again', 'app -> api : 6380-6381', { expect: 'reachable' }),
  ];
  const made = plan(scenario(flows), site(a, api), talking);
  t.deepEqual(summary(planWork(made, a)).sort(), [
    '3306 mysql by proxy.example:3128',
    '6378 connect by proxy.example:3128',
    '6379 redis by proxy.example:3128',
    '6380 connect by proxy.example:3128',
    '6381 connect by proxy.example:3128',
  ]);
  t.deepEqual(made.controls, []);
});

test('where another flow names MySQL for the port, a named service is asked once MySQL has said that it is none', (t) => {
  const flows = [
    flow('cache', 'app -> node : 7000', { service: 'redis' }),
    flow('sql', 'app -> node : 7000', { service: 'mysql' }),
    flow('listener', 'app -> node : 6999-7001', { service: 'oracle' }),
    flow('bare', 'app -> node : 7000', { expect: 'open' }),
    flow('path', 'app -> node : 7000', { service: 'redis', expect: 'reachable' }),
  ];
  t.deepEqual(summary(planWork(plan(scenario(flows), members, talking), a)), [
    '7000 mysql',
    '7000 redis after mysql',
    '7000 oracle after mysql',
    '6999,7001 oracle',
  ]);
});
