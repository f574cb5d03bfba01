import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { ExpectedError } from '#src/model/errors.js';
import type { Scenario } from '#src/model/scenario.js';
import { bundledScenarioNames } from '#src/scenario/bundled.js';
import { loadScenario, scenarioFrom } from '#src/scenario/load.js';
import { Problems } from '#src/source/problems.js';
import { parseSource } from '#src/source/read.js';

const head = `scenario: demo
title: Demonstration
document: { title: Ports }
roles:
  node: { title: Node }
  client: {}
ports:
  database: { default: 8563, service: exasol }
  range: { default: [20000-21000, 8080] }
facts:
  version: { default: "8" }
  reserve: { default: false }
  edition: {}
flows:
`;
const line = head.split('\n').length;

function load(text: string): Scenario {
  const problems = new Problems();
  const scenario = scenarioFrom(parseSource('f.yaml', text), problems);
  problems.throwIfAny();
  return scenario!;
}

function refusal(text: string): string[] {
  try {
    load(text);
  } catch (error) {
    if (error instanceof ExpectedError) return error.message.split('\n');
    throw error;
  }
  return ['accepted'];
}

const flow = (parts: string) =>
  `${head}  - { id: a, from: client, to: node, port: database, expect: open, cite: row 1${parts} }\n`;
const flows = (text: string) => head + text;
const ok = '  - { id: a, from: client, to: node, port: database, expect: open, cite: row 1 }\n';

const refusals: readonly [what: string, text: string, sentences: string[]][] = [
  [
    'an empty mapping',
    '{}\n',
    [
      'scenario is missing at f.yaml:1; expected a name of letters, digits, ".", "_" and "-" that begins with a letter',
      'title is missing at f.yaml:1; expected text',
      'document is missing at f.yaml:1; expected a mapping',
      'roles is missing at f.yaml:1; expected a mapping',
      'ports is missing at f.yaml:1; expected a mapping',
      'flows is missing at f.yaml:1; expected a list',
    ],
  ],
  [
    'a flow without what is required',
    flows('  - {}\n'),
    [
      `flows[1].id is missing at f.yaml:${line}; expected a name of letters, digits, ".", "_" and "-" that begins with a letter`,
      `flows[1].from is missing at f.yaml:${line}; expected a role or a list of roles`,
      `flows[1].to is missing at f.yaml:${line}; expected a role or a list of roles`,
      `flows[1].port is missing at f.yaml:${line}; expected a port, a range such as "20000-21000", the name of a port, or a list of these`,
      `flows[1].expect is missing at f.yaml:${line}; expected "open", "reachable", "closed" or "filtered"`,
      `flows[1].cite is missing at f.yaml:${line}; expected text or a list of texts`,
    ],
  ],
  [
    'an unknown key',
    flow(', expects: open'),
    [`unknown key "expects" in flows[1] at f.yaml:${line}; did you mean "expect"?`],
  ],
  [
    'an unknown role',
    flow('').replace('to: node', 'to: [client, nod]').concat(''),
    [`unknown role "nod" at f.yaml:${line}; did you mean "node"?`],
  ],
  [
    'an unknown role near none',
    flow('').replace('to: node', 'to: balancer'),
    [`unknown role "balancer" at f.yaml:${line}; expected "node" or "client"`],
  ],
  [
    '"*" as a destination',
    flow('').replace('to: node', 'to: "*"'),
    [`"*" as a destination at f.yaml:${line}; "*" is only for "from"; name the roles`],
  ],
  [
    '"*" beside a role',
    flow('').replace('from: client', 'from: ["*", client]'),
    [`"*" beside other roles at f.yaml:${line}; "*" is every other host already`],
  ],
  [
    'an unknown port',
    flow('').replace('port: database', 'port: databse'),
    [`unknown port "databse" at f.yaml:${line}; did you mean "database"?`],
  ],
  [
    'an impossible port',
    flow('').replace('port: database', 'port: 70000'),
    [`flows[1].port is 70000 at f.yaml:${line}; expected a port from 1 to 65535`],
  ],
  [
    'an impossible range',
    flow('').replace('port: database', 'port: 21000-20000'),
    [
      `"21000-20000" is no port at f.yaml:${line}; expected the name of a port, a port from 1 to 65535, or a range such as "20000-21000"`,
    ],
  ],
  [
    'an unknown expectation',
    flow('').replace('expect: open', 'expect: opne'),
    [`flows[1].expect is "opne" at f.yaml:${line}; did you mean "open"?`],
  ],
  [
    'an unknown service',
    flow(', service: mysq'),
    [`flows[1].service is "mysq" at f.yaml:${line}; did you mean "mysql"?`],
  ],
  [
    'a secret',
    flow(', service: { redis: { password: { env: HOME } } }'),
    [
      `the service redis asks for the environment variable HOME at f.yaml:${line}; a scenario sends no secrets: name it in the inventory, under "services"`,
    ],
  ],
  [
    'an unknown port in exclude',
    flow(', match: { ports: any, exclude: [62888, rnge] }'),
    [`unknown port "rnge" at f.yaml:${line}; did you mean "range"?`],
  ],
  [
    'a preference among ports that are all needed',
    flow(', match: { prefer: database }'),
    [`flow "a" prefers a port and needs all of them at f.yaml:${line}; add "ports: any"`],
  ],
  [
    'a denial by any host',
    flow(', match: { hosts: any }').replace('expect: open', 'expect: closed'),
    [
      `flow "a" is closed and matches any host at f.yaml:${line}; "hosts: any" needs "expect: open" or "expect: reachable"`,
    ],
  ],
  [
    'a loopback flow between hosts',
    flow(', network: loopback'),
    [`flow "a" is on the loopback network at f.yaml:${line}; add "self: only"`],
  ],
  ['a wrong self', flow(', self: both'), [`flows[1].self is "both" at f.yaml:${line}; expected true, false or "only"`]],
  [
    'a wrong within',
    flow(', within: clusters'),
    [`flows[1].within is "clusters" at f.yaml:${line}; did you mean "cluster"?`],
  ],
  [
    'an unknown fact',
    flow(', when: versoin < 4'),
    [`unknown fact "versoin" at f.yaml:${line}; did you mean "version"?`],
  ],
  [
    'a broken condition',
    flow(', when: version = 4'),
    [`"version = 4" is no condition at f.yaml:${line}; write "==" instead of "="`],
  ],
  [
    'a boolean compared with text',
    flow(', when: reserve == "yes"'),
    [`the fact "reserve" is compared with "yes" at f.yaml:${line}; it is true or false`],
  ],
  ['an id used twice', flows(ok + ok), [`duplicate id "a" at f.yaml:${line + 1}; it is in line ${line} already`]],
  [
    'an id that a rule has too',
    flows(`${ok}rules:\n  - { id: a, rule: distinct-ports, cite: note }\n`),
    [`duplicate id "a" at f.yaml:${line + 2}; it is in line ${line} already`],
  ],
  [
    'an unknown rule',
    flows(`${ok}rules:\n  - { id: r, rule: distinct-port, ports: [databas], roles: [nodes], cite: note }\n`),
    [`rules[1].rule is "distinct-port" at f.yaml:${line + 2}; did you mean "distinct-ports"?`],
  ],
  [
    'what a rule speaks of',
    flows(`${ok}rules:\n  - { id: r, rule: distinct-ports, ports: [databas], roles: [nodes], cite: note }\n`),
    [
      `unknown port "databas" at f.yaml:${line + 2}; did you mean "database"?`,
      `unknown role "nodes" at f.yaml:${line + 2}; did you mean "node"?`,
    ],
  ],
  [
    'what an occupancy speaks of',
    flows(`${ok}occupancy:\n  - { id: o, on: nodes, port: rang, cite: note }\n`),
    [
      `unknown role "nodes" at f.yaml:${line + 2}; did you mean "node"?`,
      `unknown port "rang" at f.yaml:${line + 2}; did you mean "range"?`,
    ],
  ],
  [
    'a name that is none',
    ok.length > 0 ? `${head.replace('client: {}', '"my client": {}')}${ok}` : '',
    [
      'the name "my client" at f.yaml:6; expected a name of letters, digits, ".", "_" and "-" that begins with a letter',
      `unknown role "client" at f.yaml:${line}; expected "node"`,
    ],
  ],
  [
    'a fact that a condition could not name',
    head.replace('edition: {}', 'not: {}') + ok,
    [
      'the name "not" at f.yaml:13; expected the name of a fact: letters, digits, ".", "_" and "-", beginning with a letter; "from." and "to." are taken, and so are and, or, not, true, false',
    ],
  ],
  [
    'a version that is a number',
    head.replace('"8"', '8.30') + ok,
    [
      'facts.version.default is the number 8.30, which is the same as 8.3 at f.yaml:11; a version goes in quotes: "8.30"',
    ],
  ],
  [
    'a url that is none',
    head.replace('{ title: Ports }', '{ title: Ports, url: nowhere }') + ok,
    ['document.url is "nowhere" at f.yaml:3; expected an address such as https://docs.example.com/'],
  ],
  [
    'everything at once',
    flows(
      `  - { id: a, from: clint, to: node, port: databse, expect: opn, cite: x }\n  - { id: a }\n  - { id: b, from: clint, to: node, port: 80, expect: open, cite: x }\n`,
    ),
    [
      `flows[1].expect is "opn" at f.yaml:${line}; did you mean "open"?`,
      `flows[2].from is missing at f.yaml:${line + 1}; expected a role or a list of roles`,
      `flows[2].to is missing at f.yaml:${line + 1}; expected a role or a list of roles`,
      `flows[2].port is missing at f.yaml:${line + 1}; expected a port, a range such as "20000-21000", the name of a port, or a list of these`,
      `flows[2].expect is missing at f.yaml:${line + 1}; expected "open", "reachable", "closed" or "filtered"`,
      `flows[2].cite is missing at f.yaml:${line + 1}; expected text or a list of texts`,
      `unknown role "clint" at f.yaml:${line + 2}; did you mean "client"?`,
    ],
  ],
];

for (const [what, text, sentences] of refusals) {
  test(`refuses ${what}`, (t) => t.deepEqual(refusal(text), sentences));
}

test('a short flow has the defaults', (t) => {
  t.deepEqual(load(flow('')).flows[0], {
    id: 'a',
    title: 'a',
    from: ['client'],
    to: ['node'],
    port: [{ variable: 'database' }],
    expect: 'open',
    cite: ['row 1'],
    match: { ports: 'all', hosts: 'all', exclude: [], prefer: [] },
    self: false,
    when: undefined,
    severity: 'error',
    phase: 'both',
    withinCluster: false,
    network: undefined,
    service: undefined,
    remark: undefined,
  });
});

test('everything a flow can say is kept', (t) => {
  const text = `${head}  - id: metrics
    title: Metrics
    from: "*"
    to: [node, client]
    port: [range, 80, 90-99]
    expect: reachable
    cite: [row 1, row 2]
    match: { ports: any, hosts: any, exclude: [62888, 63000-63001], prefer: [database, 62889] }
    self: true
    when: version < 4 and not from.reserve
    severity: advisory
    phase: check
    within: cluster
    network: backup
    service: http
    remark: As agents do.
`;
  t.like(load(text).flows[0], {
    title: 'Metrics',
    from: ['*'],
    to: ['node', 'client'],
    port: [{ variable: 'range' }, { ports: [[80, 80]] }, { ports: [[90, 99]] }],
    cite: ['row 1', 'row 2'],
    match: {
      ports: 'any',
      hosts: 'any',
      exclude: [{ ports: [[62888, 62888]] }, { ports: [[63000, 63001]] }],
      prefer: [{ variable: 'database' }, { ports: [[62889, 62889]] }],
    },
    self: true,
    when: { text: 'version < 4 and not from.reserve' },
    severity: 'advisory',
    phase: 'check',
    withinCluster: true,
    network: 'backup',
    service: {
      name: 'http',
      label: 'http /',
      key: 'http {"path":"/","method":"GET","headers":{},"answerHeaders":{},"follow":0}',
      settings: { path: '/', method: 'GET', headers: {}, answerHeaders: {}, follow: 0 },
    },
    remark: 'As agents do.',
  });
});

test('ports, facts, roles, occupancy and rules are kept', (t) => {
  const scenario = load(
    flows(`${ok}occupancy:
  - { id: free, title: Free, on: node, port: [range], match: { ports: any, exclude: database }, cite: note }
rules:
  - { id: apart, title: Apart, rule: distinct-ports, ports: [database, range], roles: [node], severity: advisory, cite: note }
documents:
  - { title: Second, url: https://docs.example.com/ }
`),
  );
  t.deepEqual(scenario.ports.get('range'), {
    name: 'range',
    title: undefined,
    default: [
      [8080, 8080],
      [20000, 21000],
    ],
    service: undefined,
  });
  t.is(scenario.ports.get('database')?.service?.name, 'exasol');
  t.deepEqual(
    [...scenario.roles],
    [
      ['node', { title: 'Node' }],
      ['client', { title: 'client' }],
    ],
  );
  t.is(scenario.facts.get('edition')?.default, undefined);
  t.true(scenario.facts.has('edition'));
  t.deepEqual(scenario.furtherDocuments, [{ title: 'Second', url: 'https://docs.example.com/' }]);
  t.like(scenario.occupancy[0], {
    id: 'free',
    on: ['node'],
    port: [{ variable: 'range' }],
    match: { ports: 'any', exclude: [{ variable: 'database' }] },
  });
  t.like(scenario.rules[0], {
    id: 'apart',
    rule: 'distinct-ports',
    ports: ['database', 'range'],
    roles: ['node'],
    severity: 'advisory',
  });
});

test('JSON is read too, and a file is named as it was given', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'ours.json');
  const content = { scenario: 'ours', title: 'Ours', document: { title: 'D' }, roles: { a: {} }, ports: {}, flows: [] };
  writeFileSync(file, JSON.stringify(content));
  t.like(loadScenario({ file }), { name: 'ours', file });
});

test('every bundled scenario loads', (t) => {
  const names = bundledScenarioNames();
  t.log(`bundled: ${names.join(', ')}`);
  t.deepEqual(
    names.map((name) => loadScenario({ bundled: name }).name),
    [...names],
  );
});

test('a document may have a short name for its citations', (t) => {
  const documents = 'document: { title: A long title, short: Ports }\ndocuments: [{ title: Another }]';
  const scenario = load(flow('').replace('document: { title: Ports }', documents));
  t.is(scenario.document.short, 'Ports');
  t.is(scenario.furtherDocuments[0]!.short, undefined);
});
