import test from 'ava';
import type { Flow, Scenario, ScenarioPort } from '#src/model/scenario.js';
import { bundledScenarioNames } from '#src/scenario/bundled.js';
import { loadScenario } from '#src/scenario/load.js';
import { disagreements, placeOf } from './coverage.js';
import { demands, places } from './rows.js';

const scenarios = bundledScenarioNames().map((bundled) => loadScenario({ bundled }));

function against(changed: Scenario): readonly string[] {
  return disagreements(
    scenarios.map((scenario) => (scenario.name === changed.name ? changed : scenario)),
    demands,
    places,
  );
}

function named(name: string): Scenario {
  return scenarios.find((scenario) => scenario.name === name)!;
}

function withFlow(name: string, id: string, change: (flow: Flow) => Flow | undefined): Scenario {
  const scenario = named(name);
  return { ...scenario, flows: scenario.flows.flatMap((flow) => (flow.id === id ? (change(flow) ?? []) : flow)) };
}

test('the table of facts numbers the rows 1 to 88 and R1 to R6, and nothing else', (t) => {
  const numbers = new Set(demands.map(({ number }) => number));
  const expected = [...Array.from({ length: 88 }, (_, i) => i + 1), 'R1', 'R2', 'R3', 'R4', 'R5', 'R6'];
  t.deepEqual([...numbers].map(String).sort(), expected.map(String).sort());
});

test('the table of facts counts the rows of the documents', (t) => {
  const rowsOf = (document: string) =>
    places.filter(({ place }) => place.startsWith(`${document}|`) && /row/.test(place));
  t.is(rowsOf('OCP port planning').length, 3);
  t.is(rowsOf('OCP listening ports').length, 7 + 10);
  t.is(rowsOf('FineOps ports').length, 7 + 2 + 19 + 2 + 3 + 5);
  t.is(rowsOf('Exasol ports').length, 2 + 16);
});

test('every row has its flow, leg, occupancy item, rule or condition, and nothing cites a row that is not there', (t) => {
  t.deepEqual(disagreements(scenarios, demands, places), []);
});

test('every flow, occupancy item and rule of a bundled scenario has a title', (t) => {
  for (const scenario of scenarios) {
    for (const { id, title } of [...scenario.flows, ...scenario.occupancy, ...scenario.rules]) {
      t.not(title, id, `${scenario.name}/${id}`);
    }
  }
});

/** `SCENARIO/PORT` of each port variable, and the service it names. */
function servicesOfPorts(): ReadonlyMap<string, string> {
  return new Map(
    scenarios.flatMap(({ name, ports }) =>
      [...ports.values()].map((port) => [`${name}/${port.name}`, port.service?.label ?? '-'] as const),
    ),
  );
}

test('every documented port names the service that identifies who answers, or is known to have none', (t) => {
  const silent = [...servicesOfPorts()].filter(([, service]) => service === '-').map(([port]) => port);
  t.deepEqual(silent.sort(), [
    // No protocol is documented, and nothing harmless can be said.
    'exasol/client-return',
    'exasol/ftp-data',
    'exasol/ftp-passive',
    'exasol/subconnection',
    // TDS 5 has no exchange before the login.
    'exasol/sybase',
    // The document names no product: flows or the site do.
    'finedatalink-cluster/business-db',
    'finedatalink-cluster/cluster-cache',
    'finedatalink-cluster/cluster-nodes',
    'finedatalink-cluster/cluster-tcp',
    'finedatalink-cluster/database-cache',
    'finedatalink-cluster/file-sync',
    'finedatalink-single/business-db',
    'oceanbase-ocp/agent-metrics-usual',
    'oceanbase-ocp/agent-node-exporter',
    'oceanbase-ocp/agent-rpc',
    'oceanbase-ocp/backup',
    'oceanbase-ocp/recovery',
    'oceanbase-ocp/rpc',
    'oceanbase-ocp/workers',
  ]);
});

test('what is asked of a web service is what its vendor answers without a login', (t) => {
  const services = servicesOfPorts();
  const expected: Readonly<Record<string, string>> = {
    'oceanbase-ocp/web': 'http /api/v2/time',
    'oceanbase-ocp/obproxy-metrics': 'http /metrics',
    'oceanbase-ocp/agent-metrics': 'http /metrics/stat',
    'finedatalink-cluster/app': 'http /webroot/decision',
    'finedatalink-cluster/minio': 'http /minio/health/live',
    'finedatalink-cluster/fineops-registry': 'http /v2/',
    'finedatalink-cluster/oap-grpc': 'grpc',
    'exasol/database': 'exasol',
  };
  for (const [port, label] of Object.entries(expected)) t.is(services.get(port), label, port);
});

test('the ports of the MySQL family are known as such', (t) => {
  const mysqlPorts = scenarios.flatMap(({ ports }) =>
    [...ports.values()].filter(({ service }) => service?.name === 'mysql'),
  );
  t.deepEqual([...new Set(mysqlPorts.map((port) => port.default[0]![0]))].sort(), [2881, 2883, 3306, 3307]);
});

test('a citation is read from its fixed shape and refused in any other', (t) => {
  t.is(placeOf('Exasol ports, Notes, note 2'), 'Exasol ports|Notes|note 2');
  t.is(placeOf('A, B, table 2 row 1'), 'A|B|table 2 row 1');
  t.is(placeOf('A, B, text'), 'A|B|text');
  for (const text of ['row 1', 'A, row 1', 'A, B, row', 'A, B, rows 1', 'A, B, C, row 1', 'A, B, row 1 and 2'])
    t.is(placeOf(text), undefined, text);
});

test('a flow that is missing is noticed', (t) => {
  t.deepEqual(against(withFlow('exasol', 'ldap', () => undefined)), [
    '81: Exasol ports|Outgoing Connections|row 9 has no flow exasol-node, exasol-management -> ldap-server 389 open in exasol',
    'Exasol ports|Outgoing Connections|row 9 is cited by nothing in exasol',
  ]);
});

test('a wrong default port is noticed from both sides', (t) => {
  const scenario = named('exasol');
  const wrong: ScenarioPort = { ...scenario.ports.get('ldap')!, default: [[390, 390]] };
  t.deepEqual(against({ ...scenario, ports: new Map([...scenario.ports, ['ldap', wrong]]) }), [
    '81: Exasol ports|Outgoing Connections|row 9 has no flow exasol-node, exasol-management -> ldap-server 389 open in exasol',
    'exasol/ldap states port 390, and no place that it cites does',
  ]);
});

test('a wrong role, a wrong expectation and a lost exclusion are noticed', (t) => {
  t.true(
    against(withFlow('oceanbase-ocp', 'rpc', (flow) => ({ ...flow, from: ['obproxy'] }))).includes(
      'oceanbase-ocp/rpc states from obproxy, and no place that it cites does',
    ),
  );
  t.deepEqual(against(withFlow('oceanbase-ocp', 'backup-closed', (flow) => ({ ...flow, expect: 'filtered' }))), [
    '20: OCP listening ports|Listening port list|row 9 has no flow * -> backup-agent 2911 closed in oceanbase-ocp',
    '20: OCP listening ports|Deployment units|row 6 has no flow * -> backup-agent 2911 closed in oceanbase-ocp',
    'oceanbase-ocp/backup-closed states filtered, and no place that it cites does',
  ]);
  const inclusive = withFlow('oceanbase-ocp', 'rpc-of-metadb', (flow) => ({
    ...flow,
    port: [{ ports: [[2882, 2883]] }],
  }));
  t.deepEqual(against(inclusive), [
    'oceanbase-ocp/rpc-of-metadb states port 2883, and no place that it cites does',
    'oceanbase-ocp/rpc-of-metadb has a port that is no variable',
  ]);
});

test('a condition that was dropped is noticed', (t) => {
  t.deepEqual(against(withFlow('finedatalink-single', 'tracing-from-app', (flow) => ({ ...flow, when: undefined }))), [
    '68: FineOps ports|FineOps and O&M Project|row 3 asks for the fact edition in finedatalink-single: tracing-from-app',
  ]);
});

test('a citation of a row that is not there, or of no row at all, is noticed', (t) => {
  for (const cite of ['Exasol ports, Outgoing Connections, row 17', 'FineOps ports, O&M Project, text', 'row 9']) {
    const problems = against(withFlow('exasol', 'ldap', (flow) => ({ ...flow, cite: [...flow.cite, cite] })));
    t.true(problems.includes(`exasol/ldap cites "${cite}", which is not there`), cite);
  }
});

test('every place that is no longer cited is noticed, with every demand that rests on it', (t) => {
  for (const { place, scenarios: names } of places) {
    const strip = <T extends { readonly cite: readonly string[] }>(items: readonly T[]) =>
      items.map((item) => ({ ...item, cite: item.cite.filter((cite) => placeOf(cite) !== place) }));
    for (const name of names) {
      const { flows, occupancy, rules, ...rest } = named(name);
      const stripped = { ...rest, flows: strip(flows), occupancy: strip(occupancy), rules: strip(rules) };
      const problems = against(stripped);
      t.true(problems.includes(`${place} is cited by nothing in ${name}`));
      for (const { number } of demands.filter((each) => each.places.includes(place) && each.scenarios.includes(name))) {
        t.true(
          problems.some((problem) => problem.startsWith(`${number}: ${place} `)),
          `${number} ${place} ${name}`,
        );
      }
    }
  }
});

test('every occupancy item and every rule is needed', (t) => {
  for (const scenario of scenarios) {
    for (const { id } of scenario.occupancy) {
      const without = { ...scenario, occupancy: scenario.occupancy.filter((item) => item.id !== id) };
      t.not(against(without).length, 0, id);
    }
    for (const { id } of scenario.rules) {
      t.not(against({ ...scenario, rules: scenario.rules.filter((rule) => rule.id !== id) }).length, 0, id);
    }
  }
});
