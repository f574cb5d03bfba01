import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { loadSite } from '#src/commands/site.js';
import { ExpectedError } from '#src/model/errors.js';
import { packagedPath } from '#src/packaged.js';
import { bundledScenarioNames } from '#src/scenario/bundled.js';

/** A small scenario of the site's own, so that these sentences do not change with the bundled ones. */
const shop = `scenario: shop
title: Shop
document: { title: Shop ports }
roles: { shop-web: {}, shop-db: {}, shop-user: {} }
ports:
  front: { default: 8080 }
  store: { default: 5555 }
facts:
  tls: { default: false }
  edition: { default: basic }
  region: {}
flows:
  - { id: visit, from: shop-user, to: shop-web, port: front, expect: open, cite: row 1 }
  - { id: query, from: shop-web, to: shop-db, port: store, expect: open, cite: row 2 }
occupancy:
  - { id: free, on: shop-db, port: store, cite: row 3 }
`;

function folderWith(t: ExecutionContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** The problems of an inventory whose `shop` is the scenario above; file names without their folder. */
function refusal(t: ExecutionContext, inventory: string, requested: readonly string[] = [], more = {}): string[] {
  const folder = folderWith(t, { 'f.yaml': inventory, 'shop.yaml': shop, ...more });
  try {
    loadSite(
      join(folder, 'f.yaml'),
      requested.map((request) => request.replace('FOLDER', folder)),
    );
  } catch (error) {
    if (error instanceof ExpectedError) return error.message.replaceAll(`${folder}/`, '').split('\n');
    throw error;
  }
  return ['accepted'];
}

const scenarios = 'scenarios:\n  shop: { file: shop.yaml }\n';
const site = (text: string) => `${scenarios}hosts:\n${text}`;
const host = (keys: string) => site(`  a: { address: 10.0.0.1, ${keys} }\n`);

const refusals: readonly [what: string, text: string, sentences: string[]][] = [
  ['an unknown role', host('roles: [shop-wbe]'), ['unknown role "shop-wbe" at f.yaml:4; did you mean "shop-web"?']],
  [
    'an unknown role of a pattern once',
    site('  n[1:3]: { address: "10.0.0.[1:3]", roles: [shop-wbe] }\n'),
    ['unknown role "shop-wbe" at f.yaml:4; did you mean "shop-web"?'],
  ],
  [
    'an unknown role of an endpoint',
    `${host('')}endpoints:\n  b: { address: b.example.com, roles: [shop-usr] }\n`,
    ['unknown role "shop-usr" at f.yaml:6; did you mean "shop-user"?'],
  ],
  [
    'an unknown port of a host',
    host('roles: [shop-web], ports: { frnt: 80 }'),
    ['unknown port "frnt" at f.yaml:4; did you mean "front"?'],
  ],
  [
    'an unknown fact of a host',
    host('facts: { editoin: x }'),
    ['unknown fact "editoin" at f.yaml:4; did you mean "edition"?'],
  ],
  [
    'text for a fact that is true or false',
    host('facts: { tls: "yes" }'),
    ['the fact "tls" of "a" is "yes" at f.yaml:4; expected true or false'],
  ],
  [
    'a host named like a role of a scenario',
    site('  shop-web: { address: 10.0.0.1 }\n'),
    [
      'the name "shop-web" is a role of the scenario "shop" too at f.yaml:4; hosts, endpoints and roles need different names',
    ],
  ],
  [
    'a local host that a flow connects to',
    site('  a: { transport: local, roles: [shop-web] }\n'),
    ['"a" has no address at f.yaml:4; the flow "shop/visit" connects to it'],
  ],
  [
    'a service of an unknown port of a host',
    host('roles: [shop-web], services: { frnt: mysql }'),
    ['unknown port "frnt" at f.yaml:4; did you mean "front"?'],
  ],
  [
    'an unknown setting of a service',
    host('roles: [shop-db], services: { store: { mysql: { usr: nobody } } }'),
    ['unknown key "usr" in hosts.a.services.store.mysql at f.yaml:4; did you mean "user"?'],
  ],
  [
    'two services of one port',
    host('roles: [shop-db], services: { store: { mysql: {}, redis: {} } }'),
    ['hosts.a.services.store is a mapping at f.yaml:4; expected one service with its settings'],
  ],
  [
    'an unknown port of an instance',
    'scenarios:\n  shop:\n    file: shop.yaml\n    ports: { stroe: 1 }\nhosts: { a: { address: x } }\n',
    ['unknown port "stroe" at f.yaml:4; did you mean "store"?'],
  ],
  [
    'an unknown fact of an instance',
    'scenarios:\n  shop:\n    file: shop.yaml\n    facts: { zone: x }\nhosts: { a: { address: x } }\n',
    ['unknown fact "zone" at f.yaml:4; expected "tls", "edition" or "region"'],
  ],
  [
    'a wrong kind of fact of an instance',
    'scenarios:\n  shop:\n    file: shop.yaml\n    facts: { tls: "on" }\nhosts: { a: { address: x } }\n',
    ['the fact "tls" is "on" at f.yaml:4; expected true or false'],
  ],
  [
    'an unknown bundled scenario',
    'scenarios:\n  exasl: {}\nhosts: { a: { address: x } }\n',
    ['unknown scenario "exasl" at f.yaml:2; did you mean "exasol"?'],
  ],
  [
    'an unknown bundled scenario in use',
    'scenarios:\n  second:\n    use: exasl\nhosts: { a: { address: x } }\n',
    ['unknown scenario "exasl" at f.yaml:3; did you mean "exasol"?'],
  ],
  [
    'a scenario file that is not there',
    'scenarios:\n  ours: { file: none.yaml }\nhosts: { a: { address: x } }\n',
    ['cannot read none.yaml: there is no such file'],
  ],
  [
    'a waiver for an unknown flow',
    `${host('')}waivers:\n  - { flow: vist, reason: x }\n`,
    ['unknown flow "vist" at f.yaml:6; did you mean "visit"?'],
  ],
  [
    'a waiver for an unknown flow of a scenario',
    `${host('')}waivers:\n  - { flow: shop/vist, reason: x }\n`,
    ['unknown flow "shop/vist" at f.yaml:6; did you mean "shop/visit"?'],
  ],
  [
    'a waiver for an unknown scenario',
    `${host('')}waivers:\n  - { flow: shp/visit, reason: x }\n`,
    ['unknown scenario "shp" at f.yaml:6; did you mean "shop"?'],
  ],
  [
    'a waiver from nobody',
    `${host('')}waivers:\n  - { flow: visit, from: shop-usr, to: b, reason: x }\n`,
    [
      'unknown host, endpoint or role "shop-usr" at f.yaml:6; did you mean "shop-user"?',
      'unknown host, endpoint or role "b" at f.yaml:6; did you mean "a"?',
    ],
  ],
  [
    'everything at once, the scenario file included',
    `scenarios:\n  shop: { file: broken.yaml, ports: { frnt: 1 } }\nhosts:\n  a: { adress: x, roles: [shop-wbe] }\n  b: { address: y, roles: [shop-bd] }\n`,
    [
      'unknown port "frnt" at f.yaml:2; did you mean "front"?',
      'unknown key "adress" in hosts.a at f.yaml:4; did you mean "address"?',
      'hosts.a has no address at f.yaml:4; expected an IP address or a host name, where others reach it',
      'unknown role "shop-wbe" at f.yaml:4; did you mean "shop-web"?',
      'unknown role "shop-bd" at f.yaml:5; did you mean "shop-db"?',
      'flows[1].expect is "opened" at broken.yaml:13; did you mean "open"?',
    ],
  ],
];
for (const [what, text, sentences] of refusals) {
  test(`refuses ${what}`, (t) => {
    t.deepEqual(refusal(t, text, [], { 'broken.yaml': shop.replace('expect: open', 'expect: opened') }), sentences);
  });
}

test('accepts names of every scenario that the inventory or the package knows, whatever the run asks for', (t) => {
  const text = `scenarios:
  shop: { file: shop.yaml }
  exasol: {}
hosts:
  a: { address: 10.0.0.1, roles: [shop-web, exasol-node, ocp-server], ports: { front: 81, database: 8564, web: 8081 } }
waivers:
  - { flow: exasol/client, from: exasol-client, reason: x }
  - { flow: visit, to: a, reason: x }
  - { flow: free, reason: x }
  - { flow: oceanbase-ocp/web-from-observer, reason: x }
`;
  t.deepEqual(refusal(t, text, ['shop']), ['accepted']);
  t.deepEqual(refusal(t, text, ['exasol']), ['accepted']);
});

test('a request is an instance of the inventory, a bundled name, or a path', (t) => {
  const folder = folderWith(t, {
    'f.yaml':
      'scenarios:\n  exasol: { ports: { database: 8564 } }\n  second: { use: exasol, facts: { version: "7" } }\nhosts: { a: { address: x } }\n',
    'shop.yaml': shop,
  });
  const bound = (...requested: string[]) => loadSite(join(folder, 'f.yaml'), requested).scenarios;
  t.deepEqual(
    bound().map(({ name }) => name),
    ['exasol', 'second'],
  );
  t.deepEqual(bound('exasol')[0]?.ports.get('database'), [[8564, 8564]]);
  const [second] = bound('second');
  t.like(second, { name: 'second', scenario: { name: 'exasol' } });
  t.deepEqual(second?.ports.get('database'), [[8563, 8563]]);
  t.is(second?.facts.get('version'), '7');
  t.deepEqual(
    bound('oceanbase-ocp').map(({ name }) => name),
    ['oceanbase-ocp'],
  );
  const [ours] = bound(join(folder, 'shop.yaml'));
  t.is(ours?.name, 'shop');
  t.false(ours?.facts.has('region'), 'a fact without a default and without a value is unknown, not false');
  t.is(bound('exasol', 'second', 'exasol').length, 2, 'asked for twice is bound once');
});

test('a request that names nothing is refused', (t) => {
  const text = 'hosts: { a: { address: x } }\n';
  t.deepEqual(refusal(t, text, ['exasl']), ['unknown scenario "exasl"; did you mean "exasol"?']);
  t.deepEqual(refusal(t, text, ['FOLDER/none.yaml']), ['cannot read none.yaml: there is no such file']);
  const list = '"exasol", "finedatalink-cluster", "finedatalink-single" or "oceanbase-ocp"';
  t.deepEqual([...bundledScenarioNames()], ['exasol', 'finedatalink-cluster', 'finedatalink-single', 'oceanbase-ocp']);
  t.deepEqual(refusal(t, text), [
    `no scenario is chosen: name one on the command line, or list them under "scenarios" in f.yaml: ${list}`,
  ]);
});

test('two scenarios of one name are refused', (t) => {
  t.deepEqual(refusal(t, site('  a: { address: x }\n'), ['shop', 'FOLDER/other.yaml'], { 'other.yaml': shop }), [
    'two scenarios are named "shop": shop.yaml and other.yaml; give one of them another name',
  ]);
});

test('the example inventory is a site with every product and nothing wrong with it', (t) => {
  const { inventory, scenarios: bound } = loadSite(packagedPath('inventory.example.json'), []);
  t.deepEqual(
    bound.map(({ name }) => name),
    ['exasol', 'oceanbase-ocp', 'finedatalink-cluster'],
  );
  const held = new Set([...inventory.members.values()].flatMap(({ roles }) => roles));
  for (const role of [
    'exasol-node',
    'exasol-client',
    'ocp-server',
    'observer',
    'obproxy',
    'fdl-app',
    'fdl-component',
    'fineops',
  ]) {
    t.true(held.has(role), `somebody holds ${role}`);
  }
});

test('a thousand hosts are read in a moment', (t) => {
  const hosts = Object.fromEntries(
    Array.from({ length: 1000 }, (_, i) => [
      `n${i}`,
      { address: `10.0.${i >> 8}.${i & 255}`, roles: ['shop-web'], ports: { front: 8000 + i } },
    ]),
  );
  const folder = folderWith(t, {
    'f.json': JSON.stringify({ hosts, scenarios: { shop: { file: 'shop.yaml' } } }, null, 2),
    'shop.yaml': shop,
  });
  loadSite(join(folder, 'f.json'), []);
  const before = process.cpuUsage();
  t.is(loadSite(join(folder, 'f.json'), []).inventory.members.size, 1000);
  const { user, system } = process.cpuUsage(before);
  t.log(`${Math.round((user + system) / 1000)} ms of CPU`);
  t.true(user + system < 1_000_000);
});

test('a row of free ports can be waived, stated by a document or made of a flow', (t) => {
  for (const id of ['shop/free', 'free-for-visit'])
    t.deepEqual(refusal(t, `${host('')}waivers:\n  - { flow: ${id}, reason: x }\n`), ['accepted']);
});
