import test from 'ava';
import stringWidth from 'string-width';
import { scenarioListText, scenarioText } from '#src/report/scenario-text.js';
import { bundledScenarioNames } from '#src/scenario/bundled.js';
import { loadScenario, scenarioFrom } from '#src/scenario/load.js';
import { Problems } from '#src/source/problems.js';
import { parseSource } from '#src/source/read.js';
import { places } from '../scenarios/rows.js';

const source = `scenario: shop
title: The shop
document: { title: Ports of the shop, short: Shop, url: "https://shop.example.com/ports" }
roles:
  web: { title: Web server }
  store: { title: Database server }
ports:
  sql: { default: 3306, service: mysql, title: Database }
  agent: { default: 9000-9009 }
  taken: { default: 9001 }
  usual: { default: 9002 }
facts:
  version: {}
  spare: { default: false, title: In reserve }
flows:
  - id: sql
    title: The web reads the database
    from: web
    to: store
    port: sql
    expect: open
    when: not spare
    cite: [Shop ports section 1 row 1, Shop ports section 1 row 2]
    remark: Mind the gap.
  - id: agents
    title: Agents
    from: "*"
    to: [web, store]
    port: [agent, 22]
    expect: open
    match: { ports: any, hosts: any, exclude: [taken], prefer: [usual] }
    self: true
    within: cluster
    severity: advisory
    network: backup
    cite: Section 2
  - { id: inner, title: Inside, from: store, to: store, self: only, network: loopback, port: sql, expect: open, phase: check, cite: text }
occupancy:
  - { id: free, title: The database, on: store, port: sql, severity: advisory, cite: text }
rules:
  - { id: low, title: Not too low, rule: privileged-ports, ports: [sql, agent], roles: [store], when: not spare, cite: text }
`;

function shop() {
  const problems = new Problems();
  const scenario = scenarioFrom(parseSource('shop.yaml', source), problems);
  problems.throwIfAny();
  return scenario!;
}

test('show prints flows, occupancy, rules, facts and ports, each with its citation', (t) => {
  t.is(
    scenarioText(shop(), 80),
    `shop: The shop
  Shop: Ports of the shop
    https://shop.example.com/ports

Roles
  ROLE   TITLE
  web    Web server
  store  Database server

Flows
  FROM              TO                     PORT                   EXPECT
  Web server        Database server        3306/tcp               open
    sql: The web reads the database [sql]
    when not spare
    Shop ports section 1 row 1; Shop ports section 1 row 2
    (Mind the gap.)

  Every other host  Web server, Database   one of 22,             open, advisory
                    server                 9000-9009/tcp
    agents: Agents [agent, 22]
    except 9001; 9002 first; one of the hosts must do, the others be reachable;
      within one cluster; also from a host to itself; on the network "backup"
    Section 2

  Database server   Database server        3306/tcp               open
    inner: Inside [sql]
    from a host to itself; over 127.0.0.1; only after the installation
    text

Free before the installation
  ON               PORT
  Database server  3306/tcp
    free: The database [sql]
    advisory
    text

Rules of the inventory
  RULE              ON
  privileged-ports  Database server
    low: Not too low
    sql=3306, agent=9000-9009
    when not spare
    text

Facts that conditions ask for
  FACT     DEFAULT  TITLE
  version  (none)
  spare    false    In reserve

Ports and their defaults
  PORT   DEFAULT    SERVICE  TITLE
  sql    3306       mysql    Database
  agent  9000-9009  -
  taken  9001       -
  usual  9002       -
`,
  );
});

for (const width of [80, 132]) {
  test(`every row of the four documents is found in the output of show, ${width} columns wide`, (t) => {
    for (const bundled of bundledScenarioNames()) {
      const text = scenarioText(loadScenario({ bundled }), width);
      for (const { place } of places.filter(({ scenarios }) => scenarios.includes(bundled))) {
        const cite = place.replaceAll('|', ', ').replaceAll(/[.*+?^$()[\]\\]/g, '\\$&');
        t.regex(text, new RegExp(`${cite}(?:;|\n)`), `${place} in ${bundled}`);
      }
    }
  });

  test(`nothing but addresses of documents is wider than ${width} columns`, (t) => {
    const scenarios = bundledScenarioNames().map((bundled) => loadScenario({ bundled }));
    const text = [...scenarios.map((each) => scenarioText(each, width)), scenarioListText(scenarios, width)].join('');
    const wide = text.split('\n').filter((line) => stringWidth(line) > width && !line.trim().startsWith('https://'));
    t.deepEqual(wide, []);
  });
}

test('more width is used', (t) => {
  const scenario = loadScenario({ bundled: 'exasol' });
  const lines = (width: number) => scenarioText(scenario, width).split('\n').length;
  t.true(lines(160) < lines(80));
});
