import test from 'ava';
import { formatPorts } from '#src/model/port-set.js';
import type { Occupancy } from '#src/model/scenario.js';
import { portOccupancies } from '#src/plan/port-occupancies.js';
import { endpoint, flow, host, plan, references, scenario, site } from './builders.js';

const documented: Occupancy = {
  ...{ id: 'sql-free', title: 'The SQL port is free', on: ['server'], port: references('sql, 2882') },
  ...{ match: { ports: 'all', exclude: [] }, when: undefined, severity: 'error', cite: ['row 1'], remark: undefined },
};
const bound = scenario(
  [
    flow('sql', 'client -> server : sql, 9000', { phase: 'both', severity: 'advisory' }),
    flow('again', 'server -> server : 9000-9001', { phase: 'both', expect: 'reachable' }),
    flow('denied', 'client -> server : 9100', { phase: 'both', expect: 'closed' }),
    flow('later', 'client -> server : 9200'),
  ],
  { ports: { sql: '2881 mysql' }, occupancy: [documented] },
);
const members = site(host('a', 'client'), host('b', 'server'), host('c', 'server'), endpoint('e', 'server'));

const occupancies = (over = members) => [...portOccupancies(plan(bound, over, { phase: 'preflight' }))];

test('what the documents want free comes first, host by host; then what their flows lead to beside that, each port once', (t) => {
  t.deepEqual(
    occupancies().map(({ host: { name }, item, ports }) => `${item.id} ${name} ${formatPorts(ports)}`),
    [
      'sql-free b 2881-2882',
      'sql-free c 2881-2882',
      'free-for-sql b 9000',
      'free-for-sql c 9000',
      'free-for-again c 9001',
      'free-for-again b 9001',
    ],
  );
});

test('a host that only a documented row names is among them', (t) => {
  const alone = scenario([], { ports: { sql: '2881' }, occupancy: [documented] });
  const made = plan(alone, site(host('b', 'server')), { phase: 'preflight' });
  t.deepEqual(
    [...portOccupancies(made)].map(({ host: { name } }) => name),
    ['b'],
  );
});

test('it is known which service is to answer there one day', (t) => {
  const [first] = occupancies();
  t.deepEqual(
    first!.services.map(({ ports, service }) => `${service.name} ${formatPorts(ports)}`),
    ['mysql 2881'],
  );
});

test('a row made of a flow cites it, and weighs as much', (t) => {
  const row = occupancies().find(({ item }) => item.id === 'free-for-sql')!;
  t.like(row.item, { title: 'What listens for: The sql flow', severity: 'advisory', cite: ['row 1'], on: ['server'] });
});
