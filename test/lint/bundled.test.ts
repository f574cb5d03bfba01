import test from 'ava';
import { lintFile, said } from './lint.js';

// Real scenarios with inventories as sites write them.

const cluster = (hosts: string, settings = '') => `
scenarios: { finedatalink-cluster: { ${settings} } }
hosts:
${hosts}`;

const components = `
  app-[1:2]: { address: "10.0.0.[1:2]", roles: [fdl-app] }
  comp-[1:3]: { address: "10.0.1.[1:3]", roles: [fdl-component] }
  ops-1: { address: 10.0.2.1, roles: [fineops] }`;

test('a FineDataLink cluster as documented keeps every rule; what nobody asks for is skipped', (t) => {
  const rows = lintFile(t, cluster(components));
  t.deepEqual(
    rows.map(({ flow, status }) => `${flow} ${status}`),
    [
      'privileged-ports skipped',
      'browser-ports pass',
      'other-browser-ports pass',
      'same-ops-agent-port pass',
      'consistent-component-ports pass',
      'reserved-gateway-port skipped',
      'distinct-app-ports pass',
      'distinct-component-ports pass',
    ],
  );
  t.deepEqual(rows[0]?.notes, ['its condition does not hold here: install-user != root']);
  t.deepEqual(rows[5]?.notes, ['its condition does not hold here: gateway-dual']);
});

const broken = (rows: ReturnType<typeof lintFile>) =>
  said(rows.filter(({ status }) => status === 'fail' || status === 'warn'));

test('without root the gateway’s documented port is wrong already, on the servers that may get it', (t) => {
  const user = 'facts: { install-user: fanruan }';
  t.deepEqual(broken(lintFile(t, cluster(components, user))), [
    'privileged-ports fail 80: on comp-[1:3], gateway is 80; an installation without root can use only ports from 1024 up',
  ]);
  t.deepEqual(broken(lintFile(t, cluster(components, `${user}, ports: { gateway: 8090 }`))), []);
});

test('a FineDataLink cluster that breaks every other rule', (t) => {
  const hosts = `
  app-1: { address: 10.0.0.1, roles: [fdl-app], facts: { gateway-dual: true }, ports: { gpfdist: 80 } }
  app-2: { address: 10.0.0.2, roles: [fdl-app], ports: { ops-agent: 9071, cluster-tcp: 6000 } }
  comp-1: { address: 10.0.1.1, roles: [fdl-component], ports: { nacos-mysql: 3306, minio-console: 6666 } }
  comp-2: { address: 10.0.1.2, roles: [fdl-component], ports: { minio-console: 6666 } }
  comp-3: { address: 10.0.1.3, roles: [fdl-component], facts: { nacos: false }, ports: { minio-console: 6666 } }`;
  t.deepEqual(broken(lintFile(t, cluster(hosts))), [
    "browser-ports fail 6666: on comp-[1:3], minio-console is 6666, which Google Chrome refuses to open; choose a port that is not in the document's list",
    "other-browser-ports warn 6000: on app-2, cluster-tcp is 6000, which Google Chrome refuses to open; choose a port that is not in the document's list",
    'same-ops-agent-port fail 9070-9071: ops-agent is 9070 on app-1, comp-[1:3] and 9071 on app-2; the document wants one port on all servers',
    'consistent-component-ports fail 3306-3307: nacos-mysql is 3306 on comp-1 and 3307 on comp-2; the document wants these servers to agree, because any of them may get the component',
    'reserved-gateway-port fail 80: on app-1, gateway is 80, which gpfdist has there too; the document wants it reserved',
    'distinct-app-ports fail 80: on app-1, gpfdist and gateway share port 80; each needs a port of its own',
    'distinct-component-ports fail 3306: on comp-1, mysql and nacos-mysql share port 3306; each needs a port of its own',
  ]);
});

test('FineOps and a component server on one host want two ports for two Nginx', (t) => {
  const hosts = '  all: { address: 10.0.0.1, roles: [fdl-component, fineops] }';
  t.deepEqual(broken(lintFile(t, cluster(hosts))), [
    'distinct-component-ports fail 80: on all, gateway and fineops-web share port 80; each needs a port of its own',
  ]);
});

test('a single FineDataLink: the rules of its own table', (t) => {
  const text = (ports: string) => `
scenarios: { finedatalink-single: { facts: { install-user: fanruan } } }
hosts:
  app: { address: 10.0.0.1, roles: [fdl-app, fdl-gateway], ports: { ${ports} } }
  component: { address: 10.0.0.2, roles: [fdl-component], ports: { gateway: 8090 } }`;
  t.deepEqual(broken(lintFile(t, text('ops-agent: 9071, app: 9071, gateway: 10080'))), [
    "browser-ports fail 10080: on app, gateway is 10080, which Google Chrome refuses to open; choose a port that is not in the document's list",
    'same-ops-agent-port fail 9070-9071: ops-agent is 9071 on app and 9070 on component; the document wants one port on all servers',
    'distinct-ports fail 9071: on app, app and ops-agent share port 9071; each needs a port of its own',
  ]);
  t.deepEqual(broken(lintFile(t, text('gateway: 8090'))), []);
});

const ocp = (version: string) => `
scenarios: { oceanbase-ocp: { facts: { version: "${version}" } } }
hosts:
  meta: { address: 10.0.0.1, roles: [metadb], ports: { sql: 3881 } }
  ob-[1:3]: { address: "10.0.1.[1:3]", roles: [observer, ocp-agent], ports: { rpc: 3882 } }
  ocp: { address: 10.0.0.2, roles: [ocp-server], ports: { web: 8081 } }`;

test('OCP: ports that cannot be changed are held to the document until release 4.0.1', (t) => {
  t.deepEqual(broken(lintFile(t, ocp('3.3'))), [
    'fixed-metadb-ports fail 3881: on meta, sql is 3881; the document has it at 2881, and says that it cannot be changed',
    'fixed-ports fail 3882: on ob-[1:3], rpc is 3882; the document has it at 2882, and says that it cannot be changed',
  ]);
  t.deepEqual(said(lintFile(t, ocp('4.0.1'))), [
    'fixed-metadb-ports skipped: its condition does not hold here: version < 4.0.1',
    'fixed-ports skipped: its condition does not hold here: version < 4.0.1',
  ]);
});

const together = (waivers = '') => `
scenarios: { oceanbase-ocp: {}, finedatalink-cluster: {}, exasol: {} }
hosts:
  one: { address: 10.0.0.1, roles: [ocp-server, fdl-app] }
  db: { address: 10.0.0.2, roles: [exasol-node] }${waivers}`;
const overlap =
  'overlaps-oceanbase-ocp warn 8080: on one, app of finedatalink-cluster and web of oceanbase-ocp share port 8080; move one of them';

test('FineDataLink and OCP want the same port of one host; a waiver of that rule is understood', (t) => {
  t.deepEqual(broken(lintFile(t, together())), [overlap]);
  const waived = lintFile(
    t,
    together('\nwaivers: [{ flow: finedatalink-cluster/overlaps-oceanbase-ocp, to: one, reason: NET-1 }]'),
  );
  t.like(waived.at(-1), { status: 'waived', notes: ['warn, waived: NET-1'] });
});

test('a waiver of an overlap names the scenarios in the order of their names', (t) => {
  const error = t.throws(() =>
    lintFile(t, together('\nwaivers: [{ flow: oceanbase-ocp/overlaps-finedatalink-cluster, reason: NET-1 }]')),
  );
  t.regex(error.message, /unknown flow "oceanbase-ocp\/overlaps-finedatalink-cluster"/);
});

test('one project in two documents shares its servers on purpose', (t) => {
  const text = `
scenarios: { finedatalink-single: {}, finedatalink-cluster: {} }
hosts:
  ops-1: { address: 10.0.0.1, roles: [fineops, fineops-oap, fineops-registry] }`;
  t.deepEqual(broken(lintFile(t, text)), []);
});
