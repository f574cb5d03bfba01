import test from 'ava';
import { asWarnings } from '#src/lint/as-warnings.js';
import type { Occupancy, Rule } from '#src/model/scenario.js';
import { noticeText } from '#src/report/notice.js';
import { type PlanStyle, planText } from '#src/report/plan-text.js';
import { lint } from '../lint/lint.js';
import { endpoint, flow, host, plan, references, scenario, site } from '../plan/builders.js';

const style: PlanStyle = { width: 80, rate: 200, totalRate: 2000 };
const textOf = (made: ReturnType<typeof plan>, options: Partial<PlanStyle> = {}) =>
  [...planText(made, [], { ...style, ...options })].join('');

const occupancy: Occupancy = {
  id: 'sub-free',
  title: 'Free',
  on: ['node'],
  port: references('sub'),
  match: { ports: 'all', exclude: [] },
  when: undefined,
  severity: 'error',
  cite: ['row 1'],
  remark: undefined,
};
const rule: Rule = {
  id: 'one-port',
  title: 'All nodes have one port',
  rule: 'same-port-everywhere',
  ports: ['sub'],
  roles: ['node'],
  when: undefined,
  severity: 'error',
  cite: ['row 2'],
  remark: undefined,
};

test('a plan says of every flow what is probed, why not, and what follows', (t) => {
  const flows = [
    flow('mesh', 'node -> node : sub', { expect: 'reachable' }),
    flow('ldap', 'node -> ldap-server ldaps-server : 389, 636'),
    flow('web', 'user node -> node : 80', { severity: 'advisory' }),
    flow('console', 'user -> node : 8080'),
    flow('any', 'node -> node : 62881-62899', { any: 'ports', prefer: '62889' }),
    flow('deny', '* -> agent : 2911', { expect: 'closed' }),
  ];
  const members = site(
    host('n1', 'node'),
    host('n2', 'node', { address: '10.0.0.2' }),
    host('ag', 'agent'),
    endpoint('laptop', 'user'),
  );
  const bound = scenario(flows, { ports: { sub: '20000-21000' }, occupancy: [occupancy], rules: [rule] });
  t.is(
    textOf(plan(bound, members)),
    `demo: demo

  mesh: The mesh flow
    node (2 hosts) -> node (2 hosts)
    ports 20000-21000, expected reachable: 2 checks, 2002 probes

  ldap: The ldap flow
    node -> ldap-server, ldaps-server, ports 389,636, expected open
    skipped: no host or endpoint holds any of the roles ldap-server,
      ldaps-server

  web: The web flow
    user, node (2 hosts) -> node (2 hosts)
    port 80, expected open (advisory): 2 checks, 2 probes
    unknown from laptop: no vantage, nobody can log in there

  console: The console flow
    user (1 endpoint) -> node (2 hosts), port 8080, expected open
    unknown, no vantage: log in from a stand-in host, or waive it (laptop)

  any: The any flow
    node (2 hosts) -> node (2 hosts)
    ports 62881-62899, expected open on any one of them: 2 checks, up to 38
      probes

  deny: The deny flow
    every other host (2 hosts) -> agent (1 host)
    port 2911, expected closed: 2 checks, 2 probes

2 control probes, because silence proves a denial only where the same address
  answers on another port:
  ag.example port 22 from 2 hosts

Enforced by portolan preflight, before an installation:
  demo/sub-free: ports 20000-21000 free on n1, n2
  demo/one-port: All nodes have one port (same-port-everywhere)

Total: 4 flows planned, 1 skipped, 1 without vantage; 8 checks, up to 2044
  probes from 2 vantages.
Estimated time: 6 s, at 200 connects per second per vantage and 2000 of the
  whole run; retries come on top.
`,
  );
});

const mesh = (hosts: number, ports = '20000-21000') =>
  plan(
    scenario([flow('mesh', `node -> node : ${ports}`)]),
    site(...Array.from({ length: hosts }, (_, i) => host(`n${i}`, 'node'))),
  );
const estimateOf = (made: ReturnType<typeof plan>, options: Partial<PlanStyle>) =>
  textOf(made, { width: 200, ...options })
    .split('\n')
    .find((line) => line.startsWith('Estimated'));

test('the time is that of the busiest vantage or of the whole run, whichever is longer', (t) => {
  t.is(
    estimateOf(mesh(3), { rate: 100, totalRate: 2000 }),
    'Estimated time: 21 s, at 100 connects per second per vantage and 2000 of the whole run; retries come on top.',
  );
  t.is(
    estimateOf(mesh(3), { rate: 100, totalRate: 50 }),
    'Estimated time: 2 min 1 s, at 100 connects per second per vantage and 50 of the whole run; retries come on top.',
  );
  t.is(
    estimateOf(mesh(3), { rate: 100, totalRate: 0 }),
    'Estimated time: 21 s, at 100 connects per second per vantage and no limit for the whole run; retries come on top.',
  );
  t.is(estimateOf(mesh(2, '80'), { rate: 100 })?.slice(0, 27), 'Estimated time: under 1 s, ');
});

test('each connection through a proxy is a dialogue with it, and takes its turn', (t) => {
  const via = { host: 'proxy.example', port: 3128, authority: 'proxy.example:3128' };
  const members = site(host('a', 'app'), { ...endpoint('api', 'api'), via });
  t.regex(
    estimateOf(plan(scenario([flow('range', 'app -> api : 20000-20999')]), members), {}) ?? '',
    /^Estimated time: 20 s, .* the proxy proxy\.example:3128 gets 50 connections per second, from all vantages together\.$/,
  );
});

test('without limits there is no estimate, and it says so', (t) => {
  t.is(
    estimateOf(mesh(3), { rate: 0 }),
    'Estimated time: none, as --rate 0 lifts every limit; it takes as long as the network takes.',
  );
});

test('probes that flows share are told apart from the total', (t) => {
  const flows = [flow('f', 'app -> node : 1-100'), flow('g', 'app -> node : 51-150')];
  const text = textOf(plan(scenario(flows), site(host('a', 'app'), host('b', 'node'))), { width: 200 });
  t.true(text.includes('; 2 checks, 150 probes from 1 vantage.\n'));
  t.true(text.includes('\nSeveral flows share 50 probes: probed once, judged for each.\n'));
});

test('a sampled or filtered plan says that it is not complete', (t) => {
  const made = plan(scenario([flow('f', 'app -> node : 1-1000')]), site(host('a', 'app'), host('b', 'node')), {
    sample: { ports: 5, seed: 1 },
  });
  const text = textOf(made);
  t.true(text.includes('\n    note: sampled: 5 of 1000 ports of its destinations, by --seed 1\n'));
  t.true(text.includes('\nNot complete: filters or a sample leave a part of the documented flows out.\n'));
});

test('counts are in full digits', (t) => {
  t.true(textOf(mesh(40), { width: 200 }).includes('1560 checks, 1561560 probes\n'));
});

test('a destination without an address on the network is named', (t) => {
  const made = plan(
    scenario([flow('f', 'app -> node : 1', { network: 'backup' })]),
    site(host('a', 'app'), host('b', 'node')),
  );
  t.true(textOf(made).includes('\n    unknown to b: no address on the network "backup"\n'));
});

test('no line is wider than 80 columns', (t) => {
  const names = Array.from({ length: 12 }, (_, i) => `database-node-${i}`);
  const bound = scenario(
    [
      flow(
        'a-flow-with-a-rather-long-name',
        'exasol-node exasol-management exasol-client -> exasol-node : 1,3,5,7,9,11,1000-2000',
      ),
    ],
    { ports: { sub: '20000-21000' }, occupancy: [occupancy] },
  );
  const text = textOf(plan(bound, site(...names.map((name) => host(name, 'exasol-node node')))));
  for (const line of text.split('\n')) t.true(line.length <= 80, line);
});

test('escape sequences and line breaks of a title do not reach the terminal', (t) => {
  const titled = flow('f', 'app -> node : 1', { title: 'Red \u001b[31malert\nskipped: nothing' });
  const text = textOf(plan(scenario([titled]), site(host('a', 'app'), host('b', 'node'))));
  t.true(text.includes('\n  f: Red alert skipped: nothing\n'));
});

test('a plan and a notice say what goes through which proxy', (t) => {
  const via = { host: 'proxy.example', port: 3128, authority: 'proxy.example:3128' };
  const apis = ['api-1', 'api-2'].map((name) => ({ ...endpoint(name, 'api'), via }));
  const made = plan(
    scenario([flow('web', 'app -> api : 443')]),
    site(host('a', 'app'), ...apis, endpoint('api-3', 'api')),
  );
  const sentence = 'to api-1, api-2 through the HTTP proxy proxy.example:3128';
  t.true(textOf(made).includes(`    ${sentence}\n`), textOf(made));
  const particulars = { operator: 'kim', controller: 'adm-1', version: '1.2.3', start: undefined };
  t.true([...noticeText(made, { ...style, ...particulars })].join('').includes(`    ${sentence}, by CONNECT\n`));
});

test('the rules that are not kept stand above the totals, each with what breaks it and where it is documented', (t) => {
  const stated = scenario([flow('sub', 'node -> node : sub')], { ports: { sub: '20000' }, rules: [rule] });
  const members = site(host('n1', 'node'), host('n2', 'node', { ports: { sub: '20001' } }));
  const waiver = { flow: 'one-port', from: undefined, to: undefined, reason: 'NET-1', until: '2026-12-31' };
  const broken = lint(stated, members, { waivers: [waiver] });
  const text = [...planText(plan(stated, members), asWarnings(broken), style)].join('');
  t.true(
    text.includes(`
  demo/one-port: All nodes have one port (same-port-everywhere)

Rules that are not kept:
  demo/one-port: All nodes have one port (warn)
    sub is 20000 on n1 and 20001 on n2; the document wants one port on all
      servers
    note: its waiver ended on 2026-12-31 and no longer waives (NET-1)
    see row 2

Total: `),
    text,
  );
});
