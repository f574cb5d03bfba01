import test from 'ava';
import { parseInventory } from '#src/inventory/load.js';
import { ExpectedError } from '#src/model/errors.js';
import type { Check, Plan, PlannedFlow } from '#src/model/plan.js';
import { countPorts, formatPorts } from '#src/model/port-set.js';
import { makePlan } from '#src/plan/make-plan.js';
import { noFilters } from '#src/plan/options.js';
import { planWork } from '#src/plan/work.js';
import { services } from '#src/protocol/registry.js';
import { bindScenarios } from '#src/scenario/bind.js';

// What the bundled scenarios make of small sites: the readings of the documents that a table cannot hold.

interface Party {
  readonly address?: string;
  readonly roles: readonly string[];
  readonly cluster?: string;
  readonly ports?: Record<string, number | string>;
  readonly facts?: Record<string, string | boolean>;
}

interface Site {
  readonly hosts: Record<string, Party>;
  readonly endpoints?: Record<string, Party>;
  readonly facts?: Record<string, string | boolean>;
  readonly ports?: Record<string, number | string>;
}

function addressed(parties: Record<string, Party>, network: string): Record<string, Party> {
  const entries = Object.entries(parties);
  return Object.fromEntries(entries.map(([name, party], i) => [name, { address: `${network}.${i + 1}`, ...party }]));
}

function planOf(scenario: string, { hosts, endpoints = {}, facts = {}, ports = {} }: Site): Plan {
  const text = JSON.stringify({
    hosts: addressed(hosts, '10.0.0'),
    endpoints: addressed(endpoints, '10.9.0'),
    scenarios: { [scenario]: { facts, ports } },
  });
  const inventory = parseInventory('inventory.json', text);
  const scenarios = bindScenarios(inventory, []);
  return makePlan(scenarios, inventory.members, {
    phase: 'check',
    filters: noFilters,
    sample: undefined,
    dialogues: services,
  });
}

function flowOf(plan: Plan, id: string): PlannedFlow {
  return plan.flows.find(({ flow }) => flow.id === id)!;
}

/** `a>b`, sorted, of every check of a flow. */
function pairs(plan: Plan, id: string): readonly string[] {
  return [...flowOf(plan, id).checks].map(({ from, to }) => `${from.name}>${to.name}`).sort();
}

function skipReason(plan: Plan, id: string): string | undefined {
  const { state } = flowOf(plan, id);
  return state.kind === 'skipped' ? state.reason : undefined;
}

function only(plan: Plan, id: string): Check {
  const { checks } = flowOf(plan, id);
  if (checks.length !== 1) throw new Error(`${id} has ${checks.length} checks`);
  return [...checks][0]!;
}

const ocpSite: Record<string, Party> = {
  ocp: { roles: ['ocp-server'] },
  db1: { roles: ['observer', 'ocp-agent'] },
  db2: { roles: ['observer', 'ocp-agent'] },
  proxy: { roles: ['obproxy', 'ocp-agent'] },
  backup: { roles: ['backup-agent'] },
};

test('OCP-Agent: any port of its range but its RPC port and node exporter, the usual one first', (t) => {
  const plan = planOf('oceanbase-ocp', { hosts: { ocp: { roles: ['ocp-server'] }, db: { roles: ['ocp-agent'] } } });
  const { ports, prefer, flow } = only(plan, 'agent-metrics');
  t.is(formatPorts(ports), '62881-62887,62889-62999,63001-63881');
  t.is(formatPorts(prefer), '62889');
  t.is(flow.flow.match.ports, 'any');
  const [host] = [...plan.members.values()].filter((member) => member.kind === 'host' && member.name === 'ocp');
  const { sweep } = planWork(plan, host as Check['from']);
  const agentItems = sweep.filter(({ target }) => target === '10.0.0.2').map((item) => formatPorts(item.unlessOpen));
  t.true(agentItems.includes('62889'));
});

test('OCP-Agent: before a host is added to OCP the path to all of it is asked for instead', (t) => {
  const hosts = { ...ocpSite, db2: { ...ocpSite.db2!, facts: { onboarded: false } } };
  const plan = planOf('oceanbase-ocp', { hosts });
  t.deepEqual(pairs(plan, 'agent-rpc'), ['ocp>db1', 'ocp>proxy']);
  t.deepEqual(pairs(plan, 'agent-rpc-path'), ['ocp>db2']);
  t.deepEqual(pairs(plan, 'agent-metrics'), ['ocp>db1', 'ocp>proxy']);
  t.is(countPorts(only(plan, 'agent-metrics-path').ports), 1001);
});

test('Backup-Agent: closed to every other host of the site, whatever its roles, and open on its own loopback', (t) => {
  const hosts = { ...ocpSite, other: { roles: [] }, backup2: { roles: ['backup-agent'] } };
  const plan = planOf('oceanbase-ocp', { hosts });
  const others = (to: string) => Object.keys(hosts).filter((name) => name !== to);
  const expected = ['backup', 'backup2'].flatMap((to) => others(to).map((from) => `${from}>${to}`)).sort();
  t.deepEqual(pairs(plan, 'backup-closed'), expected);
  t.deepEqual(pairs(plan, 'recovery-closed'), expected);
  t.deepEqual(pairs(plan, 'backup-on-loopback'), ['backup2>backup2', 'backup>backup']);
  t.true([...flowOf(plan, 'recovery-on-loopback').checks].every(({ target }) => target === '127.0.0.1'));
});

test('Backup-Agent: both are relaxed by facts', (t) => {
  const plan = planOf('oceanbase-ocp', {
    hosts: ocpSite,
    facts: { 'backup-exposed': true, 'backup-agent-installed': false },
  });
  for (const id of ['backup-closed', 'recovery-closed', 'backup-on-loopback', 'recovery-on-loopback']) {
    t.regex(skipReason(plan, id)!, /^its condition does not hold here: /);
  }
});

test('OCP-Server workers: reachable between its nodes and on the loopback, up to release 3', (t) => {
  const hosts = { ocp1: { roles: ['ocp-server'] }, ocp2: { roles: ['ocp-server'] } };
  const plan = planOf('oceanbase-ocp', { hosts });
  t.deepEqual(pairs(plan, 'workers'), ['ocp1>ocp2', 'ocp2>ocp1']);
  t.deepEqual(pairs(plan, 'workers-on-loopback'), ['ocp1>ocp1', 'ocp2>ocp2']);
  const four = planOf('oceanbase-ocp', { hosts, facts: { version: '4.2.2' } });
  t.is(skipReason(four, 'workers'), 'its condition does not hold here: version < 4');
});

test('the OBProxy in the container: on the loopback, unless OCP uses one outside', (t) => {
  const inside = planOf('oceanbase-ocp', { hosts: ocpSite });
  t.is(only(inside, 'obproxy-on-loopback').target, '127.0.0.1');
  t.is(only(inside, 'web-on-loopback').target, '127.0.0.1');
  t.deepEqual(pairs(inside, 'obproxy-from-ocp-server'), []);
  t.deepEqual(pairs(inside, 'sql-from-ocp-server'), ['ocp>db1', 'ocp>db2']);

  const outside = planOf('oceanbase-ocp', { hosts: ocpSite, facts: { 'external-obproxy': true } });
  t.deepEqual(pairs(outside, 'obproxy-from-ocp-server'), ['ocp>proxy']);
  t.deepEqual(pairs(outside, 'obproxy-on-loopback'), []);
  t.deepEqual(pairs(outside, 'sql-from-ocp-server'), []);
  t.deepEqual(pairs(outside, 'sql-from-ocp-server-unused'), ['ocp>db1', 'ocp>db2']);

  const direct = planOf('oceanbase-ocp', { hosts: ocpSite, facts: { 'external-obproxy': true, direct: true } });
  t.deepEqual(pairs(direct, 'sql-from-ocp-server'), ['ocp>db1', 'ocp>db2']);
});

test('one host with every role of OCP is no contradiction', (t) => {
  const roles = ['ocp-server', 'ocp-agent', 'observer', 'obproxy', 'metadb', 'backup-agent'];
  const hosts = { all: { roles }, app: { roles: ['application', 'ocp-console'] } };
  t.notThrows(() => planOf('oceanbase-ocp', { hosts }));
});

test('the OBProxy in the container is held closed only where the host says it is private', (t) => {
  t.deepEqual(pairs(planOf('oceanbase-ocp', { hosts: ocpSite }), 'obproxy-in-container'), []);
  const hosts = { ...ocpSite, ocp: { roles: ['ocp-server'], facts: { 'obproxy-private': true } } };
  const plan = planOf('oceanbase-ocp', { hosts });
  t.deepEqual(pairs(plan, 'obproxy-in-container'), ['backup>ocp', 'db1>ocp', 'db2>ocp', 'proxy>ocp']);
  t.is(flowOf(plan, 'obproxy-in-container').flow.severity, 'advisory');
});

test('a host that is private and serves applications is refused, with both flows named', (t) => {
  const hosts = {
    ocp: { roles: ['ocp-server', 'obproxy'], facts: { 'obproxy-private': true } },
    app: { roles: ['application'] },
  };
  const error = t.throws(() => planOf('oceanbase-ocp', { hosts }), { instanceOf: ExpectedError });
  t.regex(error.message, /oceanbase-ocp\/obproxy-from-application and oceanbase-ocp\/obproxy-in-container/);
});

test('OBServers mesh within their cluster, ordered, and MetaDB apart from them', (t) => {
  const plan = planOf('oceanbase-ocp', {
    hosts: {
      e1: { roles: ['observer'], cluster: 'east' },
      e2: { roles: ['observer'], cluster: 'east' },
      w1: { roles: ['observer'], cluster: 'west' },
      w2: { roles: ['observer'], cluster: 'west' },
      m1: { roles: ['metadb'] },
      m2: { roles: ['metadb'] },
    },
  });
  t.deepEqual(pairs(plan, 'rpc'), ['e1>e2', 'e2>e1', 'w1>w2', 'w2>w1']);
  t.deepEqual(pairs(plan, 'rpc-of-metadb'), ['m1>m2', 'm2>m1']);
});

test('the load balancer: absent, one skipped row; present, everybody reaches it', (t) => {
  const without = planOf('oceanbase-ocp', { hosts: ocpSite });
  t.is(skipReason(without, 'web-by-vip'), 'no host or endpoint holds the role ocp-vip');
  t.is(skipReason(without, 'web-from-console'), 'no host or endpoint holds the role ocp-console');
  const plan = planOf('oceanbase-ocp', { hosts: ocpSite, endpoints: { vip: { roles: ['ocp-vip'] } } });
  t.deepEqual(pairs(plan, 'web-by-vip'), ['backup>vip', 'db1>vip', 'db2>vip', 'proxy>vip']);
});

test('a VIP that the source may own itself is not probed over its loopback', (t) => {
  const hosts = { ocp: { address: '10.9.0.1', roles: ['ocp-server', 'observer'] } };
  const plan = planOf('oceanbase-ocp', { hosts, endpoints: { vip: { address: '10.9.0.1', roles: ['ocp-vip'] } } });
  t.deepEqual(pairs(plan, 'web-by-vip'), ['ocp>vip']);
  const { sweep } = planWork(plan, plan.members.get('ocp') as Check['from']);
  const vip = sweep.find(({ target, ports }) => target === '10.9.0.1' && formatPorts(ports) === '8080');
  t.is(vip!.allowOwnAddress, false);
});

test('a console that is only an endpoint is unknown: nobody can log in there', (t) => {
  const plan = planOf('oceanbase-ocp', { hosts: ocpSite, endpoints: { desk: { roles: ['ocp-console'] } } });
  const { state } = flowOf(plan, 'web-from-console');
  t.is(state.kind, 'no-vantage');
});

const fdlCluster: Record<string, Party> = {
  app1: { roles: ['fdl-app'] },
  app2: { roles: ['fdl-app'] },
  comp1: { roles: ['fdl-component'] },
  comp2: { roles: ['fdl-component', 'fdl-gateway'] },
  ops: { roles: ['fineops', 'fineops-registry', 'fineops-oap'] },
};

test('components placed at random: one of the component servers must do, per source, itself among them', (t) => {
  const plan = planOf('finedatalink-cluster', { hosts: fdlCluster });
  const expected = ['app1', 'app2', 'comp1', 'comp2'].flatMap((from) => [`${from}>comp1`, `${from}>comp2`]).sort();
  for (const id of ['gateway', 'elasticsearch', 'mysql', 'redis', 'minio', 'minio-console', 'kafka', 'nacos']) {
    t.deepEqual(pairs(plan, id), expected, id);
    t.is(new Set([...flowOf(plan, id).checks].map(({ group }) => group)).size, 4, id);
  }
  t.deepEqual(pairs(plan, 'gateway-placed'), ['app1>comp2', 'app2>comp2', 'comp1>comp2', 'comp2>comp2']);
  t.true([...flowOf(plan, 'gateway-placed').checks].every(({ group }) => group === undefined));
});

test('a component that is known not to be on a server, or anywhere, is not looked for there', (t) => {
  const hosts = { ...fdlCluster, comp1: { roles: ['fdl-component'], facts: { mysql: false } } };
  const plan = planOf('finedatalink-cluster', { hosts, facts: { minio: false } });
  t.true([...flowOf(plan, 'mysql').checks].every(({ to }) => to.name === 'comp2'));
  t.is(skipReason(plan, 'minio-console'), 'its condition does not hold here: minio');
});

test('every project server reaches every occupied port of every other, and FineOps is not one of them', (t) => {
  const plan = planOf('finedatalink-cluster', { hosts: fdlCluster });
  const project = ['app1', 'app2', 'comp1', 'comp2'];
  const mesh = project.flatMap((from) => project.filter((to) => to !== from).map((to) => `${from}>${to}`)).sort();
  t.deepEqual(pairs(plan, 'ops-agent'), mesh);
  const toApps = mesh.filter((pair) => /app.$/.test(pair));
  for (const id of ['app', 'cluster-tcp', 'file-sync', 'cluster-cache', 'database-cache', 'cluster-nodes'])
    t.deepEqual(pairs(plan, id), toApps, id);
});

test('two projects of one site are kept apart, and share their FineOps', (t) => {
  const hosts = {
    a1: { roles: ['fdl-app'], cluster: 'a' },
    a2: { roles: ['fdl-app'], cluster: 'a' },
    b1: { roles: ['fdl-app'], cluster: 'b' },
    b2: { roles: ['fdl-app'], cluster: 'b' },
    ops: { roles: ['fineops'] },
  };
  const plan = planOf('finedatalink-cluster', { hosts });
  t.deepEqual(pairs(plan, 'app'), ['a1>a2', 'a2>a1', 'b1>b2', 'b2>b1']);
  t.deepEqual(pairs(plan, 'app-to-fineops'), ['a1>ops', 'a2>ops', 'b1>ops', 'b2>ops']);
});

test('gpfdist: the path until it is in use, then an answer', (t) => {
  const idle = planOf('finedatalink-cluster', { hosts: fdlCluster });
  t.is(flowOf(idle, 'gpfdist-path').checks.length, 6);
  t.deepEqual(pairs(idle, 'gpfdist'), []);
  const used = planOf('finedatalink-cluster', { hosts: fdlCluster, facts: { gpfdist: true } });
  t.is(flowOf(used, 'gpfdist').checks.length, 6);
  t.deepEqual(pairs(used, 'gpfdist-path'), []);
});

test('a dual gateway is looked for on the main application server that says so', (t) => {
  t.deepEqual(pairs(planOf('finedatalink-cluster', { hosts: fdlCluster }), 'gateway-dual'), []);
  const hosts = { ...fdlCluster, app1: { roles: ['fdl-app'], facts: { 'gateway-dual': true } } };
  const plan = planOf('finedatalink-cluster', { hosts });
  t.deepEqual(pairs(plan, 'gateway-dual'), ['app1>app1', 'app2>app1', 'comp1>app1', 'comp2>app1']);
  const reserved = plan.preflight.occupancy.find(({ item }) => item.id === 'free-gateway-dual')!;
  t.deepEqual(reserved.hosts, ['app1']);
});

test('one row, two legs: agents to the Nginx of FineOps, and FineOps to the agents', (t) => {
  const plan = planOf('finedatalink-cluster', { hosts: fdlCluster });
  t.deepEqual(pairs(plan, 'agents-to-fineops'), ['app1>ops', 'app2>ops', 'comp1>ops', 'comp2>ops']);
  t.is(formatPorts(flowOf(plan, 'agents-to-fineops').ports), '80');
  t.deepEqual(pairs(plan, 'fineops-to-agents'), ['ops>app1', 'ops>app2', 'ops>comp1', 'ops>comp2']);
  t.is(formatPorts(flowOf(plan, 'fineops-to-agents').ports), '9070');
  const cites = (id: string) => flowOf(plan, id).flow.cite[0];
  t.is(cites('agents-to-fineops'), cites('fineops-to-agents'));
});

test('tracing is for the standard edition of FineOps', (t) => {
  t.deepEqual(pairs(planOf('finedatalink-cluster', { hosts: fdlCluster }), 'tracing-from-gateway'), ['comp2>ops']);
  const basic = planOf('finedatalink-cluster', { hosts: fdlCluster, facts: { edition: 'basic' } });
  t.is(skipReason(basic, 'tracing-from-app'), 'its condition does not hold here: edition == standard');
});

test('the application port is 8068 alone and 8080 in a cluster, for FineOps too', (t) => {
  const hosts = { app: { roles: ['fdl-app'] }, ops: { roles: ['fineops'] } };
  t.is(formatPorts(only(planOf('finedatalink-single', { hosts }), 'fineops-to-app').ports), '8068');
  t.is(formatPorts(only(planOf('finedatalink-cluster', { hosts }), 'fineops-to-app').ports), '8080');
});

test('a single server proves its own components', (t) => {
  const plan = planOf('finedatalink-single', { hosts: { app: { roles: ['fdl-app'] } } });
  for (const id of ['app', 'ops-agent', 'gateway', 'mysql', 'elasticsearch', 'kafka'])
    t.deepEqual(pairs(plan, id), ['app>app'], id);
});

test('a business database of the MySQL family is spoken to, any other is not taken for one', (t) => {
  const hosts = { app: { roles: ['fdl-app', 'fdl-gateway'] } };
  const endpoints = {
    my: { roles: ['business-db'], ports: { 'business-db': 3310 } },
    pg: { roles: ['business-db'], ports: { 'business-db': 5432 }, facts: { database: 'postgres' } },
  };
  const plan = planOf('finedatalink-single', { hosts, endpoints });
  t.deepEqual(pairs(plan, 'app-to-business-mysql'), ['app>my']);
  t.is(only(plan, 'app-to-business-mysql').service?.name, 'mysql');
  t.deepEqual(pairs(plan, 'app-to-business-db'), ['app>pg']);
  t.is(only(plan, 'app-to-business-db').service, undefined);
  t.is(flowOf(plan, 'business-db-to-gateway').state.kind, 'no-vantage');
});

test('Exasol: clients get an answer from active nodes and a path to reserve nodes', (t) => {
  const hosts = {
    app: { roles: ['exasol-client'] },
    n11: { roles: ['exasol-node'] },
    n12: { roles: ['exasol-node'], facts: { reserve: true } },
  };
  const plan = planOf('exasol', { hosts });
  t.deepEqual(pairs(plan, 'client'), ['app>n11']);
  t.deepEqual(pairs(plan, 'client-to-reserve'), ['app>n12']);
  t.is(flowOf(plan, 'client-to-reserve').flow.expect, 'reachable');
});

const fourNodes = Object.fromEntries(
  ['n11', 'n12', 'm11', 'm12'].map((name) => [name, { roles: ['exasol-node'], cluster: name[0]! }]),
);

test('Exasol: the range is one flow with two citations, probed once, between clusters too', (t) => {
  const plan = planOf('exasol', { hosts: fourNodes });
  const { flow, checks } = flowOf(plan, 'subconnections');
  t.is(checks.length, 12);
  t.deepEqual(
    [flow.expect, flow.cite],
    ['reachable', ['Exasol ports, Incoming Connections, row 2', 'Exasol ports, Outgoing Connections, row 2']],
  );
  t.is(plan.probes, 12 * 1001);
});

test('Exasol: a cluster that takes no part in loads is left out, and 8.32 makes the range advisory', (t) => {
  const apart = Object.fromEntries(
    Object.entries(fourNodes).map(([name, node]) => [name, { ...node, facts: { 'exa-to-exa': name.startsWith('n') } }]),
  );
  t.deepEqual(pairs(planOf('exasol', { hosts: apart }), 'subconnections'), ['n11>n12', 'n12>n11']);
  for (const [version, id] of [
    ['7.1', 'subconnections'],
    ['8.4', 'subconnections'],
    ['8.31.1', 'subconnections'],
    ['8.32.0', 'subconnections-since-8-32'],
    ['2025.1', 'subconnections-since-8-32'],
  ] as const) {
    const planned = planOf('exasol', { hosts: fourNodes, facts: { version } }).flows;
    const used = planned.filter(({ checks }) => checks.length > 0).map(({ flow }) => flow.id);
    t.deepEqual(used, [id], version);
  }
});

test('Exasol: another database is reached as its client would, and its way back is unknown without a login', (t) => {
  const plan = planOf('exasol', {
    hosts: { n11: { roles: ['exasol-node'] }, app: { roles: ['exasol-client'] } },
    endpoints: { far: { roles: ['exasol-remote'] } },
  });
  t.deepEqual(pairs(plan, 'remote-database'), ['n11>far']);
  t.deepEqual(pairs(plan, 'subconnections-to-remote'), ['n11>far']);
  t.is(flowOf(plan, 'subconnections-from-remote').state.kind, 'no-vantage');
  t.is(skipReason(plan, 'client-return'), 'its condition does not hold here: from.client-return');
});

test('Exasol: passive FTP is asked for by a fact, LDAP by the management node too', (t) => {
  const hosts = { n11: { roles: ['exasol-node'] }, n10: { roles: ['exasol-management'] } };
  const endpoints = { ftp: { roles: ['ftp-server'] }, dir: { roles: ['ldap-server', 'ldaps-server'] } };
  const active = planOf('exasol', { hosts, endpoints });
  t.deepEqual(pairs(active, 'ftp-passive'), []);
  t.deepEqual(pairs(active, 'ldap'), ['n10>dir', 'n11>dir']);
  t.deepEqual(pairs(active, 'ldaps'), ['n10>dir', 'n11>dir']);
  const passive = planOf('exasol', {
    hosts,
    endpoints,
    facts: { 'ftp-mode': 'passive' },
    ports: { 'ftp-passive': '50000-50100' },
  });
  t.is(formatPorts(only(passive, 'ftp-passive').ports), '50000-50100');
});

test('targets that a site does not have are one skipped row each', (t) => {
  const plan = planOf('exasol', { hosts: fourNodes });
  t.is(skipReason(plan, 'sybase'), 'no host or endpoint holds the role sybase-server');
  const states = plan.flows.filter(({ state }) => state.kind === 'skipped').map(({ checks }) => checks.length);
  t.is(states.length, plan.flows.length - 1);
  t.true(states.every((count) => count === 0));
});
