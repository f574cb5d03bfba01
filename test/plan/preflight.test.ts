import test from 'ava';
import { formatPorts } from '#src/model/port-set.js';
import type { Occupancy, Rule } from '#src/model/scenario.js';
import { endpoint, flow, host, plan, references, scenario, site } from './builders.js';

const free: Occupancy = {
  id: 'sql-free',
  title: 'The SQL port is free',
  on: ['node'],
  port: references('sql, 2882'),
  match: { ports: 'all', exclude: [] },
  when: undefined,
  severity: 'error',
  cite: ['row 1'],
  remark: undefined,
};
const rule: Rule = {
  id: 'fixed',
  title: 'The ports are fixed',
  rule: 'fixed-ports',
  ports: ['sql'],
  roles: ['node'],
  when: undefined,
  severity: 'error',
  cite: ['row 2'],
  remark: undefined,
};
const bound = scenario([flow('f', 'node -> node : sql')], { ports: { sql: '2881' }, occupancy: [free], rules: [rule] });

const rows = (made: ReturnType<typeof plan>) =>
  made.preflight.occupancy.map(({ item, ports, hosts }) => `${item.id} ${formatPorts(ports)} ${hosts.join(' ')}`);

test('occupancy is listed with the hosts of its role, one row for each set of ports; endpoints have none', (t) => {
  const made = plan(
    bound,
    site(host('a', 'node'), host('b', 'node', { ports: { sql: '3881' } }), host('c', 'node'), endpoint('e', 'node')),
  );
  t.deepEqual(rows(made), ['sql-free 2881-2882 a c', 'sql-free 2882,3881 b']);
});

test('occupancy of a role that nobody holds is listed all the same', (t) => {
  t.deepEqual(rows(plan(bound, site(host('a', '')))), ['sql-free 2881-2882 ']);
});

test('rules are listed', (t) => {
  t.deepEqual(plan(bound, site(host('a', 'node'))).preflight.rules, [{ scenario: 'demo', item: rule }]);
});

test('hosts for which the condition does not hold are left out', (t) => {
  const when = { text: 'to.metadb', condition: { kind: 'fact', side: 'to', fact: 'metadb' } as const };
  const conditional = scenario([], {
    ports: { sql: '2881' },
    facts: { metadb: false },
    occupancy: [{ ...free, when }],
  });
  const made = plan(conditional, site(host('a', 'node', { facts: { metadb: true } }), host('b', 'node')));
  t.deepEqual(rows(made), ['sql-free 2881-2882 a']);
});

test('before the installation --flow takes a row of free ports, and --to its hosts', (t) => {
  const members = site(host('a', 'node'), host('b', 'node'));
  const filters = { from: [], to: ['b'], flow: ['demo/sql-free'] };
  const made = plan(bound, members, { phase: 'preflight', filters });
  t.deepEqual([made.flows.length, rows(made), [...made.members.keys()]], [0, ['sql-free 2881-2882 b'], ['b']]);
  t.throws(() => plan(bound, members, { filters }), { message: /^unknown flow "demo\/sql-free" at --flow/ });
});
