import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { Report, ReportCheck } from '#src/model/report.js';
import { drop } from '../lab/filter.js';
import type { HostSpec } from '../lab/host.js';
import { type InventorySettings, writeInventory } from '../lab/inventory.js';
import { createLab, type Lab } from '../lab/lab.js';
import { labTest } from '../lab/lab-test.js';
import { check, rows } from './check.js';

// What an inventory can say of a site, each thing tried on real hosts.

const roles = ['client', 'node', 'vip', 'partner', 'outside', 'named'];
const ports = { database: { default: 7001 }, mesh: { default: '7100-7101' } };
const facts = { standby: { default: true }, edition: {} };

/** The inventory and its scenario lie in folders of their own: neither is the working directory. */
const inventoryFile = 'site/inventory.json';
const scenarioFile = 'site/flows/site.json';

async function site(t: ExecutionContext, hosts: Readonly<Record<string, HostSpec>>): Promise<Lab> {
  const lab = await createLab({ hosts });
  t.teardown(() => lab.close());
  return lab;
}

function write(lab: Lab, flows: Readonly<Record<string, object>>, settings: InventorySettings): void {
  mkdirSync(join(lab.folder, dirname(scenarioFile)), { recursive: true });
  const scenario = {
    scenario: 'whatever',
    title: 'A site of its own',
    document: { title: 'The test itself' },
    roles: Object.fromEntries(roles.map((role) => [role, { title: role }])),
    ports,
    facts,
    flows: Object.entries(flows).map(([id, flow]) => ({ id, title: id, cite: 'the test', expect: 'open', ...flow })),
  };
  writeFileSync(join(lab.folder, scenarioFile), JSON.stringify(scenario));
  writeInventory(lab, { scenarios: { site: { file: 'flows/site.json' } }, ...settings, file: inventoryFile });
}

function run(lab: Lab, flows: readonly string[] = []) {
  return check(lab, ['-i', inventoryFile, '--rate', '0', ...flows.flatMap((flow) => ['--flow', flow])]);
}

function rowOf(report: Report | undefined, flow: string, from: string | null): ReportCheck | undefined {
  return report?.checks.find((row) => row.flow === flow && row.from === from);
}

labTest(
  'roles, clusters, networks, ports, facts and endpoints of an inventory decide who is probed where',
  async (t) => {
    const both = { networks: ['east', 'west'] };
    const lab = await site(t, { app: {}, a1: both, a2: {}, b1: {}, b2: {} });
    const vip = '10.10.0.100';
    await lab.host('a1').machine.ip([`addr add ${vip}/32 dev east`]);
    for (const node of ['a1', 'a2', 'b1']) await lab.listen(node, { '0.0.0.0': '7001,7100-7101' });
    await lab.listen('b2', { '0.0.0.0': '7002,7100-7101' });
    await lab.listen('b1', { '0.0.0.0': '7005' });
    write(
      lab,
      {
        database: { from: 'client', to: 'node', port: 'database' },
        mesh: { from: 'node', to: 'node', port: 'mesh', within: 'cluster' },
        vip: { from: ['client', 'node'], to: 'vip', port: 'database' },
        partner: { from: 'client', to: 'partner', port: 'database' },
        inbound: { from: 'outside', to: 'node', port: 'database' },
        mixed: { from: ['outside', 'client'], to: 'vip', port: 'database' },
        backup: { from: 'client', to: 'node', port: 'database', network: 'backup' },
        active: { from: 'client', to: 'node', port: 'mesh', when: 'not to.standby' },
        undecided: { from: 'client', to: 'vip', port: 'database', when: 'edition < 4' },
        absent: { from: 'client', to: 'named', port: 'database' },
      },
      {
        roles: { app: ['client'], a1: ['node'], a2: ['node'], b1: ['node'], b2: ['node'] },
        hosts: {
          a1: { cluster: 'a', addresses: { backup: lab.host('a1').address('west') } },
          a2: { cluster: 'a', facts: { standby: false } },
          b1: { cluster: 'b' },
          b2: { cluster: 'b', ports: { database: 7002 } },
        },
        endpoints: {
          'vip-1': { address: vip, roles: ['vip'] },
          'partner-1': { address: lab.host('b1').address(), roles: ['partner'], ports: { database: 7005 } },
          'outside-1': { address: '10.10.0.200', roles: ['outside'] },
        },
      },
    );
    const { code, report, stderr } = await run(lab);
    t.deepEqual(
      rows(report),
      [
        ...['a1', 'a2', 'b1'].map((node) => `database app>${node} pass: open 7001`),
        'database app>b2 pass: open 7002',
        ...['a1>a2', 'a2>a1', 'b1>b2', 'b2>b1'].map((pair) => `mesh ${pair} pass: open 7100-7101`),
        ...['app', 'a2', 'b1', 'b2'].map((source) => `vip ${source}>vip-1 pass: open 7001`),
        'vip a1>vip-1 unknown: unprobed 7001',
        'partner app>partner-1 pass: open 7005',
        'inbound null>null unknown: unprobed 7001',
        'mixed app>vip-1 pass: open 7001',
        'mixed null>null unknown: unprobed 7001',
        'backup app>a1 pass: open 7001',
        'backup null>null unknown: unprobed 7001',
        'active app>a2 pass: open 7100-7101',
        'undecided app>vip-1 pass: open 7001',
        'absent null>null skipped: ',
      ].sort(),
      stderr,
    );
    t.is(code, 3);
    const own = rowOf(report, 'vip', 'a1')?.outcomes[0];
    t.is(own?.reason, "own address: 10.10.0.100 is the source's own, an answer proves nothing");
    t.is(own?.untried, 'own-address');
    for (const flow of ['inbound', 'mixed'])
      t.is(
        rowOf(report, flow, null)?.outcomes[0]?.reason,
        'no vantage: log in from a stand-in host for outside-1, or waive it',
      );
    t.is(
      rowOf(report, 'backup', null)?.outcomes[0]?.reason,
      'no address on the network "backup": give a2, b1, b2 one, or waive it',
    );
    // The row says it; its neighbours, which have an address, do not.
    t.deepEqual([rowOf(report, 'backup', null)?.notes, rowOf(report, 'backup', 'app')?.notes], [[], []]);
    t.is(rowOf(report, 'backup', 'app')?.address, lab.host('a1').address('west'));
    t.deepEqual(rowOf(report, 'undecided', 'app')?.notes, [
      'kept although its condition (edition < 4) is undecided: the fact "edition" is not set',
    ]);
  },
);

labTest('a waiver hides one failure until it ends, and says when nobody needs it any more', async (t) => {
  const lab = await site(t, { app: {}, db: {} });
  await lab.listen('db', { '0.0.0.0': '7001' });
  const flow = (port: number) => ({ from: 'client', to: 'node', port });
  write(
    lab,
    {
      waived: flow(7002),
      expired: flow(7003),
      needless: flow(7001),
      renewed: flow(7004),
      elsewhere: flow(7005),
      inbound: { from: 'outside', to: 'node', port: 7001 },
    },
    {
      roles: { app: ['client'], db: ['node'] },
      endpoints: { 'outside-1': { address: '10.10.0.200', roles: ['outside'] } },
      waivers: [
        { flow: 'site/waived', from: 'app', to: 'node', reason: 'moves in May', until: '2999-05-31' },
        { flow: 'expired', reason: 'NET-4711', until: '2020-02-29' },
        { flow: 'needless', reason: 'was broken once' },
        { flow: 'renewed', reason: 'first', until: '2020-02-29' },
        { flow: 'renewed', reason: 'second' },
        { flow: 'elsewhere', from: 'db', reason: 'another direction' },
        { flow: 'inbound', reason: 'the partner tests it' },
      ],
    },
  );
  const { code, report, stderr } = await run(lab);
  t.deepEqual(
    rows(report),
    [
      'waived app>db waived: refused 7002',
      'expired app>db fail: refused 7003',
      'needless app>db pass: open 7001',
      'renewed app>db waived: refused 7004',
      'elsewhere app>db fail: refused 7005',
      'inbound null>null waived: unprobed 7001',
    ].sort(),
    stderr,
  );
  t.is(code, 1);
  t.deepEqual(
    ['waived', 'expired', 'needless', 'renewed'].map((id) => rowOf(report, id, 'app')?.notes),
    [
      ['fail, waived until 2999-05-31: moves in May'],
      ['its waiver ended on 2020-02-29 and no longer waives (NET-4711)'],
      ['no longer needs its waiver (was broken once)'],
      ['fail, waived: second'],
    ],
  );
  const expired = await run(lab, ['expired']);
  t.is(expired.code, 1);
  t.regex(expired.stdout, /its waiver ended on 2020-02-29/);
  const mild = await run(lab, ['waived', 'needless', 'renewed', 'inbound']);
  t.is(mild.code, 0, mild.stdout);
  t.regex(mild.stdout, /moves in May/);
  t.regex(mild.stdout, /no longer needs its waiver/);
});

labTest(
  'every address of a name is probed and listed, the worst decides, and each node resolves for itself',
  async (t) => {
    const sources = { py: ['python3'], pl: ['perl'], dial: [] } as const;
    const lab = await site(t, {
      ...Object.fromEntries(Object.entries(sources).map(([name, interpreters]) => [name, { interpreters }])),
      good: {},
      mute: {},
    });
    const [good, mute] = [lab.host('good').address(), lab.host('mute').address()];
    for (const host of ['good', 'mute']) await lab.listen(host, { '0.0.0.0': '7001' });
    await drop(lab.host('mute').machine, { ports: '7001' });
    const names = [
      ...[good, mute].map((address) => `${address} half-silent.example`),
      ...[good, '10.10.0.99'].map((address) => `${address} half-dead.example`),
    ];
    for (const source of Object.keys(sources)) lab.host(source).setNames(names);
    lab.host('pl').setNames([...names, `${good} only-here.example`]);
    const flow = (to: string) => ({ from: 'client', to, port: 'database' });
    write(
      lab,
      { silent: flow('vip'), dead: flow('partner'), once: flow('named') },
      {
        roles: Object.fromEntries(Object.keys(sources).map((source) => [source, ['client']])),
        endpoints: {
          'silent-1': { address: 'half-silent.example', roles: ['vip'] },
          'dead-1': { address: 'half-dead.example', roles: ['partner'] },
          'once-1': { address: 'only-here.example', roles: ['named'] },
        },
      },
    );
    const { code, report, stderr } = await run(lab);
    t.deepEqual(
      rows(report),
      [
        ...Object.keys(sources).flatMap((source) => [
          `silent ${source}>silent-1 fail: open 7001, timeout 7001`,
          `dead ${source}>dead-1 fail: open 7001, unreachable 7001`,
        ]),
        'once py>once-1 fail: name-failure 7001',
        'once pl>once-1 pass: open 7001',
        'once dial>once-1 fail: name-failure 7001',
      ].sort(),
      stderr,
    );
    t.is(code, 1);
    const addresses = (id: string) =>
      Object.keys(sources).map((source) => {
        const outcomes = rowOf(report, id, source)?.outcomes ?? [];
        return Object.fromEntries(outcomes.map(({ address, outcome }) => [address, outcome]));
      });
    const each = (value: unknown) => Object.keys(sources).map(() => value);
    t.deepEqual(addresses('silent'), each({ [good]: 'open', [mute]: 'timeout' }));
    t.deepEqual(addresses('dead'), each({ [good]: 'open', '10.10.0.99': 'unreachable' }));
  },
);

labTest('of a name of both families, a node without IPv6 is held to what it has, by every engine', async (t) => {
  const sources = { py: ['python3'], pl: ['perl'], dial: [] } as const;
  const lab = await site(t, {
    ...Object.fromEntries(Object.entries(sources).map(([name, interpreters]) => [name, { interpreters }])),
    db: {},
  });
  await lab.listen('db', { '0.0.0.0': '7001' });
  for (const source of Object.keys(sources)) {
    const { machine } = lab.host(source);
    await machine.runInside('sh', ['-c', 'for each in /proc/sys/net/ipv6/conf/*/disable_ipv6; do echo 1 >$each; done']);
    lab.host(source).setNames([`fd00::14 both.example`, `${lab.host('db').address()} both.example`]);
  }
  write(
    lab,
    { both: { from: 'client', to: 'node', port: 'database' } },
    {
      roles: { ...Object.fromEntries(Object.keys(sources).map((source) => [source, ['client']])), db: ['node'] },
      hosts: { db: { address: 'both.example' } },
    },
  );
  const { code, report, stderr } = await run(lab);
  t.deepEqual(
    rows(report),
    Object.keys(sources)
      .map((source) => `both ${source}>db pass: open 7001`)
      .sort(),
    stderr,
  );
  t.is(code, 0);
});

labTest('IPv6 literals are probed as IPv4 ones are, by every engine', async (t) => {
  const sources = { py: ['python3'], pl: ['perl'], dial: [] } as const;
  const lab = await site(t, {
    ...Object.fromEntries(Object.entries(sources).map(([name, interpreters]) => [name, { interpreters }])),
    db: {},
  });
  for (const [index, { machine }] of lab.hosts.entries())
    await machine.ip([`addr add fd00::${11 + index}/64 dev east nodad`]);
  await lab.host('py').machine.ip(['addr add fd00::100/128 dev east nodad']);
  await lab.listen('db', { '::': '7001,7003,7100' });
  await drop(lab.host('db').machine, { ports: '7003,7004' });
  const flow = (port: number | string, more = {}) => ({ from: 'client', to: 'node', port, ...more });
  write(
    lab,
    {
      open: flow(7001),
      refused: flow(7002),
      silent: flow(7003),
      range: flow('7100-7102', { expect: 'reachable' }),
      closed: flow(7005, { expect: 'closed' }),
      filtered: flow(7004, { expect: 'filtered' }),
      dead: { from: 'client', to: 'partner', port: 7001 },
      vip: { from: 'client', to: 'vip', port: 7001 },
    },
    {
      roles: { ...Object.fromEntries(Object.keys(sources).map((source) => [source, ['client']])), db: ['node'] },
      // Not as the kernel writes it.
      hosts: { db: { address: 'FD00:0:0:0::0014' } },
      endpoints: {
        gone: { address: 'fd00::99', roles: ['partner'] },
        'vip-1': { address: 'fd00:0::0100', roles: ['vip'] },
      },
    },
  );
  const { code, report, stderr } = await run(lab);
  t.deepEqual(
    rows(report),
    [
      ...Object.keys(sources).flatMap((source) => [
        `open ${source}>db pass: open 7001`,
        `refused ${source}>db fail: refused 7002`,
        `silent ${source}>db fail: timeout 7003`,
        `range ${source}>db pass: open 7100, refused 7101-7102`,
        `closed ${source}>db pass: refused 7005`,
        `filtered ${source}>db pass: timeout 7004`,
        `dead ${source}>gone fail: unreachable 7001`,
      ]),
      'vip py>vip-1 unknown: unprobed 7001',
      'vip pl>vip-1 fail: refused 7001',
      'vip dial>vip-1 fail: refused 7001',
    ].sort(),
    stderr,
  );
  t.is(code, 1);
  t.is(rowOf(report, 'open', 'pl')?.sourceAddress, 'fd00::12');
});

labTest('a second instance of a bundled scenario is probed beside the first, with its own ports', async (t) => {
  const lab = await site(t, { app: {}, exa: {} });
  await lab.listen('exa', { '0.0.0.0': '9563' });
  write(
    lab,
    {},
    {
      roles: { app: ['exasol-client'], exa: ['exasol-node'] },
      // What listens there says nothing, and the site says so.
      scenarios: {
        exasol: {},
        'second-site': { use: 'exasol', ports: { database: 9563 }, services: { database: 'tcp' } },
      },
      waivers: [{ flow: 'exasol/client', reason: 'the first one is switched off' }],
    },
  );
  const { code, report, stderr } = await run(lab, ['client']);
  t.deepEqual(
    report?.checks.map(({ id, scenario, ports, status }) => ({ id, scenario, ports, status })),
    [
      { id: 'exasol/client/app/exa', scenario: 'exasol', ports: '8563', status: 'waived' },
      { id: 'second-site/client/app/exa', scenario: 'second-site', ports: '9563', status: 'pass' },
    ],
    stderr,
  );
  t.is(code, 0);
});
