import test from 'ava';
import fc from 'fast-check';
import { endpoint, flow, host, scenario, site } from '../plan/builders.js';
import { lint, rule, said } from './lint.js';

const flows = [
  flow('web', 'user -> node : web'),
  flow('sql', 'user -> node : sql'),
  flow('loads', 'node -> node : loads', { expect: 'reachable' }),
  flow('shut', 'user -> node : shut', { expect: 'closed' }),
];
const ports = { web: '8080', sql: '3306', loads: '20000-20009', shut: '4000' };

const bound = (kind: Parameters<typeof rule>[0], names: string, options: Parameters<typeof rule>[3] = {}) =>
  scenario(flows, { ports, rules: [rule(kind, names, 'node', options)] });
const nodes = (...own: Record<string, string>[]) =>
  site(...own.map((values, i) => host(`n${i + 1}`, 'node', { ports: values })));

test('privileged-ports: what lies below 1024, a part of a range too; hosts with equal values are folded', (t) => {
  const checked = bound('privileged-ports', 'web, sql, loads');
  t.deepEqual(said(lint(checked, nodes({ web: '1024' }))), ['privileged-ports pass 1024,3306,20000-20009']);
  t.deepEqual(said(lint(checked, nodes({ web: '1023' }, { web: '1023' }, { web: '1023' }, { loads: '1000-1100' }))), [
    'privileged-ports fail 1023: on n[1:3], web is 1023; an installation without root can use only ports from 1024 up',
    'privileged-ports fail 1000-1023: on n4, loads is 1000-1100, with 1000-1023 in it; an installation without root can use only ports from 1024 up',
  ]);
});

test('browser-unsafe-ports: the document’s list, and those of the Fetch standard on request', (t) => {
  const checked = bound('browser-unsafe-ports', 'web, loads');
  const site = nodes({ web: '6000' }, { loads: '6664-6680' }, { web: '4190' });
  const documented = [
    "browser-unsafe-ports fail 6000: on n1, web is 6000, which Google Chrome refuses to open; choose a port that is not in the document's list",
    "browser-unsafe-ports fail 6665-6669: on n2, loads is 6664-6680, with 6665-6669 in it, which Google Chrome refuses to open; choose a port that is not in the document's list",
  ];
  t.deepEqual(said(lint(checked, site)), documented);
  t.deepEqual(said(lint(checked, site, { extendedBrowserPorts: true })), [
    ...documented,
    'browser-unsafe-ports fail 6679: on n2, loads is 6664-6680, with 6679 in it, which browsers refuse to open by the Fetch standard, though the document does not list it',
    'browser-unsafe-ports fail 4190: on n3, web is 4190, which browsers refuse to open by the Fetch standard, though the document does not list it',
  ]);
  t.deepEqual(said(lint(checked, nodes({ web: '4190' }, {}))), ['browser-unsafe-ports pass 4190,8080,20000-20009']);
});

test('browser-unsafe-ports: an endpoint is opened in a browser as a host is', (t) => {
  const unsafe = endpoint('e', 'node', { ports: { web: '6000' } });
  t.deepEqual(said(lint(bound('browser-unsafe-ports', 'web'), site(unsafe))), [
    "browser-unsafe-ports fail 6000: on e, web is 6000, which Google Chrome refuses to open; choose a port that is not in the document's list",
  ]);
});

test('same-port-everywhere: one value in each cluster', (t) => {
  const checked = bound('same-port-everywhere', 'web');
  t.deepEqual(said(lint(checked, nodes({ web: '81' }, { web: '81' }))), ['same-port-everywhere pass 81']);
  t.deepEqual(said(lint(checked, nodes({}, { web: '81' }, {}, { web: '82' }))), [
    'same-port-everywhere fail 81-82,8080: web is 8080 on n1, n3, 81 on n2 and 82 on n4; the document wants one port on all servers',
  ]);
  const member = (name: string, cluster: string, web: string) => host(name, 'node', { cluster, ports: { web } });
  const apart = site(member('a', 'east', '81'), member('b', 'west', '82'), member('c', 'west', '83'));
  t.deepEqual(said(lint(checked, apart)), [
    'same-port-everywhere fail 82-83: in the cluster west, web is 82 on b and 83 on c; the document wants one port on all servers',
  ]);
});

test('consistent-ports: one value of each port', (t) => {
  const checked = bound('consistent-ports', 'web, sql');
  t.deepEqual(said(lint(checked, nodes({ sql: '3307' }, { sql: '3307' }))), ['consistent-ports pass 3307,8080']);
  t.deepEqual(said(lint(checked, nodes({ sql: '3307' }, {}))), [
    'consistent-ports fail 3306-3307: sql is 3307 on n1 and 3306 on n2; the document wants these servers to agree, because any of them may get the component',
  ]);
});

test('reserved-port: nothing else of the scenario has it', (t) => {
  const checked = bound('reserved-port', 'web');
  t.deepEqual(said(lint(checked, nodes({ sql: '8081' }))), ['reserved-port pass 8080']);
  t.deepEqual(said(lint(checked, nodes({ sql: '8080' }, { loads: '8000-8100' }))), [
    'reserved-port fail 8080: on n1, web is 8080, which sql has there too; the document wants it reserved',
    'reserved-port fail 8080: on n2, web is 8080, which loads (8000-8100) has there too; the document wants it reserved',
  ]);
  t.deepEqual(said(lint(checked, nodes({ shut: '8080' }))), ['reserved-port pass 8080'], 'nothing listens on it');
});

test('distinct-ports: two of the rule’s, or one of them and another of the scenario', (t) => {
  const checked = bound('distinct-ports', 'web, sql');
  t.deepEqual(said(lint(checked, nodes({}, { sql: '8081' }))), ['distinct-ports pass 3306,8080-8081']);
  t.deepEqual(said(lint(checked, nodes({ sql: '8080' }, { web: '20000-20002' }))), [
    'distinct-ports fail 8080: on n1, web and sql share port 8080; each needs a port of its own',
    'distinct-ports fail 20000-20002: on n2, web and loads (20000-20009) share ports 20000-20002; each needs a port of its own',
  ]);
});

test('distinct-ports: what the rule does not name may be the same service; what it names may not', (t) => {
  const shop = [
    flow('a', 'user -> node : own'),
    flow('b', 'user -> node : second'),
    flow('c', 'user -> node : shared'),
  ];
  const variables = { own: '3306 mysql', second: '3307 mysql', shared: '3306 mysql' };
  const checked = scenario(shop, { ports: variables, rules: [rule('distinct-ports', 'own, second', 'node')] });
  t.deepEqual(said(lint(checked, nodes({}))), ['distinct-ports pass 3306-3307']);
  t.deepEqual(said(lint(checked, nodes({ second: '3306', shared: '1' }))), [
    'distinct-ports fail 3306: on n1, own and second share port 3306; each needs a port of its own',
  ]);
});

test('distinct-ports: a free port of a range gets out of the way', (t) => {
  const picking = [flow('agent', 'user -> node : agent', { any: 'ports' }), flow('sql', 'user -> node : sql')];
  const rules = [rule('distinct-ports', 'agent, sql', 'node')];
  const checked = scenario(picking, { ports: { agent: '3300-3310', sql: '3306' }, rules });
  t.deepEqual(said(lint(checked, nodes({}))), ['distinct-ports pass 3300-3310']);
});

test('fixed-ports: only the documented value, for the site and for a host', (t) => {
  const checked = bound('fixed-ports', 'sql');
  t.deepEqual(said(lint(checked, nodes({ sql: '3306' }, {}))), ['fixed-ports pass 3306']);
  t.deepEqual(said(lint(checked, nodes({ sql: '3307' }, {}))), [
    'fixed-ports fail 3307: on n1, sql is 3307; the document has it at 3306, and says that it cannot be changed',
  ]);
  const everywhere = scenario(flows, {
    ports,
    sitePorts: { sql: '3399' },
    rules: [rule('fixed-ports', 'sql', 'node')],
  });
  t.deepEqual(said(lint(everywhere, nodes({}, {}))), [
    'fixed-ports fail 3399: on n1, n2, sql is 3399; the document has it at 3306, and says that it cannot be changed',
  ]);
});

test('distinct-ports is kept exactly where no port is in two sets', (t) => {
  const range = fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: 5 }));
  const checked = bound('distinct-ports', 'web, sql');
  fc.assert(
    fc.property(range, range, range, (...ranges) => {
      const [web, sql, loads] = ranges.map(([first, more]) => `${first}-${first + more}`);
      const listening = ranges.flatMap(([first, more]) => Array.from({ length: more + 1 }, (_, i) => first + i));
      const [row] = lint(checked, nodes({ web: web!, sql: sql!, loads: loads! }));
      t.is(row?.status, new Set(listening).size === listening.length ? 'pass' : 'fail');
    }),
  );
});
