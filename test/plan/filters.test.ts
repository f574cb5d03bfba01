import test from 'ava';
import { noFilters, type PlanFilters } from '#src/plan/options.js';
import { endpoint, flow, host, lines, plan, scenario, site } from './builders.js';

const bound = scenario([
  flow('client', 'app -> node : 8563'),
  flow('sub', 'node -> node : 20000-21000'),
  flow('ldap', 'node -> ldap-server : 389'),
  flow('web', 'user -> app : 80'),
  flow('ftp', 'node -> ftp-server : 21'),
]);
const other = scenario([flow('client', 'node -> app : 9')], { name: 'ours' });
const members = site(
  host('app-1', 'app'),
  host('n1', 'node'),
  host('n2', 'node'),
  endpoint('ldap-1', 'ldap-server'),
  endpoint('laptop', 'user'),
  host('bastion', ''),
);

const filtered = (filters: Partial<PlanFilters>) =>
  plan([bound, other], members, { filters: { ...noFilters, ...filters } });
const refusal = (filters: Partial<PlanFilters>): string | undefined => {
  try {
    filtered(filters);
  } catch (error) {
    return error instanceof Error && error.name === 'ExpectedError' ? error.message : `unexpected: ${error}`;
  }
  return undefined;
};

test('--from takes a host or a role, --to an endpoint too; nothing else stays in the plan', (t) => {
  const made = filtered({ from: ['n1'], to: ['ldap-1', 'n2'] });
  t.deepEqual(lines(made), ['sub: n1 -> n2 (n2.example) 20000-21000', 'ldap: n1 -> ldap-1 (ldap-1.example) 389']);
  t.deepEqual(
    made.flows.map(({ flow: { id } }) => id),
    ['sub', 'ldap'],
  );
  t.false(made.complete);
  t.deepEqual(lines(filtered({ from: ['app'] })), [
    'client: app-1 -> n1 (n1.example) 8563',
    'client: app-1 -> n2 (n2.example) 8563',
  ]);
});

test('--flow takes a flow of every scenario, or of one', (t) => {
  const names = (filters: Partial<PlanFilters>) =>
    filtered(filters).flows.map(({ scenario: name, flow: { id } }) => `${name}/${id}`);
  t.deepEqual(names({ flow: ['client'] }), ['demo/client', 'ours/client']);
  t.deepEqual(names({ flow: ['ours/client', 'ldap'] }), ['demo/ldap', 'ours/client']);
});

test('a flow without pairs stays in the plan where the filters name its ends', (t) => {
  t.deepEqual(
    filtered({ from: ['node'] }).flows.map(({ flow: { id }, state }) => `${id} ${state.kind}`),
    ['sub planned', 'ldap planned', 'ftp skipped', 'client planned'],
  );
  t.deepEqual(
    filtered({ to: ['app-1'] }).flows.map(({ flow: { id }, state }) => `${id} ${state.kind}`),
    ['web no-vantage', 'client planned'],
  );
});

test('a name that is not there is refused with the nearest one, all of them at once', (t) => {
  t.is(
    refusal({ flow: ['cleint', 'demo/lap'], from: ['nod'], to: ['ldap-11'] }),
    'unknown flow "cleint" at --flow; did you mean "client"?\n' +
      'unknown flow "demo/lap" at --flow; did you mean "demo/ldap"?\n' +
      'unknown host or role "nod" at --from; did you mean "node"?\n' +
      'unknown host, role or endpoint "ldap-11" at --to; did you mean "ldap-1"?',
  );
});

test('a role that nobody holds is refused as what it is', (t) => {
  t.is(refusal({ to: ['ftp-server'] }), '--to ftp-server matches nothing: no host or endpoint holds this role');
});

test('a filter that names something which no flow touches is refused', (t) => {
  t.is(refusal({ from: ['bastion'] }), '--from bastion matches nothing: no flow of the chosen scenarios starts there');
  t.is(
    refusal({ from: ['app-1'], to: ['ldap-1'] }),
    '--from app-1 matches nothing: no flow that the other filters leave of the chosen scenarios starts there\n' +
      '--to ldap-1 matches nothing: no flow that the other filters leave of the chosen scenarios ends there',
  );
  t.is(
    refusal({ from: ['app-1', 'bastion'] }),
    '--from bastion matches nothing: no flow that the other filters leave of the chosen scenarios starts there',
  );
});

test('a group of which one host has to answer is probed whole, lest --to make it fail', (t) => {
  const any = scenario([flow('kafka', 'app -> comp : 9092', { any: 'hosts' })]);
  const site3 = site(host('a', 'app'), host('c', 'comp'), host('d', 'comp'));
  const made = plan(any, site3, { filters: { ...noFilters, to: ['c'] } });
  t.deepEqual(lines(made), ['kafka: a -> c (c.example) 9092', 'kafka: a -> d (d.example) 9092']);
  t.deepEqual(made.flows[0]!.notes, ['one answering host will do, so every candidate is probed, --to notwithstanding']);
});

test('ports that a flow gives to a punishing service stay guarded when filters leave the flow out', (t) => {
  const two = scenario([flow('sql', 'app -> node : sql'), flow('range', 'app -> node : 13000-14000')], {
    ports: { sql: '13306 mysql' },
  });
  const made = plan(two, members, { filters: { ...noFilters, flow: ['range'] } });
  t.deepEqual(made.guardedPorts, [
    [3306, 3307],
    [13306, 13306],
  ]);
});

test('a flow that its condition rules out guards no port', (t) => {
  const when = { kind: 'compare', side: 'to', fact: 'database', operator: '==', value: 'mysql' } as const;
  const sql = scenario([flow('sql', 'app -> node : sql', { when })], {
    ports: { sql: '13306 mysql' },
    facts: { database: 'mysql' },
  });
  const postgres = host('n1', 'node', { ports: { sql: '5432' }, facts: { database: 'postgres' } });
  t.deepEqual(plan(sql, site(host('a', 'app'), postgres)).guardedPorts, [[3306, 3307]]);
  t.deepEqual(plan(sql, site(host('a', 'app'), postgres, host('n2', 'node'))).guardedPorts, [
    [3306, 3307],
    [13306, 13306],
  ]);
});
