import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { drop, rejectIpv6 } from '../lab/filter.js';
import type { HostSpec } from '../lab/host.js';
import { writeInventory } from '../lab/inventory.js';
import { createLab, type Lab } from '../lab/lab.js';
import { labTest } from '../lab/lab-test.js';
import { check, preflight, rows, writeScenario } from './check.js';

/** The nodes of a site of one engine each. */
const engines = {
  py: { interpreters: ['python3'] },
  pl: { interpreters: ['perl'] },
  dial: { interpreters: [] },
} as const;
const probers = Object.keys(engines);
const proberRoles = Object.fromEntries(probers.map((name) => [name, ['client']]));

async function labOf(t: ExecutionContext, hosts: Readonly<Record<string, HostSpec>>): Promise<Lab> {
  const lab = await createLab({ hosts, ipv6: true });
  t.teardown(() => lab.close());
  return lab;
}

const flow = (port: number | string, more = {}) =>
  ({ from: 'client', to: 'node', port, expect: 'open', ...more }) as const;

labTest(
  'of a name of both families each address is judged by itself, and the worst decides, by every engine',
  async (t) => {
    const lab = await labOf(t, { ...engines, db: {} });
    const db = lab.host('db');
    await lab.listen('db', { '::': '7001-7003' });
    await drop(db.machine, { ports: '7002', family: 'ipv6' });
    await drop(db.machine, { ports: '7003', family: 'ipv4' });
    writeInventory(lab, {
      roles: { ...proberRoles, db: ['node'] },
      hosts: { db: { address: 'db' } },
      scenarios: writeScenario(lab, { both: flow(7001), four: flow(7002), six: flow(7003) }),
    });
    const { code, report, stderr } = await check(lab, ['--timeout', '2s']);
    t.deepEqual(
      rows(report),
      probers
        .flatMap((source) => [
          `both ${source}>db pass: open 7001, open 7001`,
          `four ${source}>db fail: open 7002, timeout 7002`,
          `six ${source}>db fail: open 7003, timeout 7003`,
        ])
        .sort(),
      stderr,
    );
    t.is(code, 1);
    for (const source of probers) {
      const failed = report?.checks.find((it) => it.flow === 'four' && it.from === source);
      const byAddress = Object.fromEntries(failed?.outcomes.map((it) => [it.address, it]) ?? []);
      t.like(byAddress[db.address6], { outcome: 'timeout', status: 'fail' });
      t.like(byAddress[db.address()], { outcome: 'open', status: 'pass' });
      t.is(failed?.sourceAddress, null);
      // sshd does not say where it dials from.
      if (source === 'dial') continue;
      t.is(byAddress[db.address6]?.sourceAddress, lab.host(source).address6);
      t.is(byAddress[db.address()]?.sourceAddress, lab.host(source).address());
    }
    const why = report?.findings.filter(({ cause }) => cause === 'packet-filter-drops').map(({ summary }) => summary);
    t.true(
      why?.some((sentence) => sentence.includes('7002')),
      JSON.stringify(report?.findings),
    );
  },
);

labTest('paths are proven by listeners over IPv6, over a name of both families and within a host', async (t) => {
  const lab = await labOf(t, { ...engines, db: {}, six: {} });
  const [db, six] = [lab.host('db'), lab.host('six')];
  await drop(six.machine, { ports: '7002', family: 'ipv6' });
  await drop(db.machine, { ports: '7003', family: 'ipv4' });
  const home = { from: 'node', to: 'node', expect: 'open', self: 'only' } as const;
  writeInventory(lab, {
    roles: { ...proberRoles, db: ['node'], six: ['node'] },
    hosts: { db: { address: 'db' }, six: { address: six.address6.toUpperCase() } },
    scenarios: writeScenario(lab, {
      all: flow(7001, { expect: 'reachable' }),
      'no-six': flow(7002),
      'no-four': flow(7003),
      own: { ...home, port: 7004 },
      loopback: { ...home, port: 7005, network: 'loopback' },
    }),
  });
  const { code, report, stderr } = await preflight(lab, ['--rate', '0', '--timeout', '1s']);
  const paths = report?.checks.filter(({ kind }) => kind === 'path') ?? [];
  t.deepEqual(
    paths.map(({ flow: id, from, proof, status, to }) => `${id} ${from}>${to} ${status} ${proof}`).sort(),
    [
      ...probers.flatMap((source) => [
        `all ${source}>db pass listener`,
        `all ${source}>six pass listener`,
        `no-six ${source}>db pass listener`,
        `no-six ${source}>six fail null`,
        `no-four ${source}>db fail listener`,
        `no-four ${source}>six pass listener`,
      ]),
      ...['own', 'loopback'].flatMap((id) => ['db>db', 'six>six'].map((ends) => `${id} ${ends} pass listener`)),
    ].sort(),
    stderr + JSON.stringify(paths.map(({ id, outcomes }) => [id, outcomes])),
  );
  t.is(code, 1);
  const ports = report?.checks.filter(({ kind, status }) => kind === 'port' && status !== 'pass');
  t.deepEqual(ports, []);
});

labTest('a site of IPv6 alone: logins, a jump host by literal, denials and their controls', async (t) => {
  const lab = await labOf(t, { app: {}, other: {}, db: {}, silent: {}, far: { networks: ['west'] } });
  const [app, db, silent] = ['app', 'db', 'silent'].map((name) => lab.host(name));
  await lab.listen('db', { '::': '7001,7010-7012' });
  await lab.listen('far', { '::': '7001' });
  // They have no IPv4 address at all.
  for (const { machine } of lab.hosts) await machine.run('ip', ['-4', 'addr', 'flush', 'scope', 'global']);
  await drop(db!.machine, { ports: '7002', family: 'ipv6' });
  await rejectIpv6(db!.machine, { ports: '7003' }, 'admin-prohibited');
  await rejectIpv6(lab.router, { ports: '7004', chain: 'forward' }, 'policy-fail');
  // It answers `other` alone: what `app` hears is silence of everything.
  await drop(silent!.machine, { family: 'ipv6', from: app!.address6 });
  // A jump host that is not in the inventory is what ssh's configuration says of it.
  mkdirSync(join(lab.folder, '.ssh'));
  const files = [`IdentityFile ${lab.clientKey.file}`, `UserKnownHostsFile ${join(lab.folder, 'known_hosts')}`];
  writeFileSync(join(lab.folder, '.ssh/config'), ['Host *', ...files, ''].join('\n'));
  const login = (name: string) => ({ host: lab.host(name).managementAddress6 });
  const roles = { app: ['client'], other: ['witness'], db: ['node'], silent: ['mute'], far: ['remote'] };
  writeInventory(lab, {
    roles,
    hosts: Object.fromEntries(
      Object.keys(roles).map((name) => {
        const jump = name === 'far' ? { jump: `ops@[${app!.managementAddress6}]:22` } : {};
        return [name, { address: lab.host(name).address6.toUpperCase(), ssh: { ...login(name), ...jump } }];
      }),
    ),
    scenarios: writeScenario(lab, {
      open: flow(7001),
      closed: flow(7002, { expect: 'closed' }),
      refused: flow(7005, { expect: 'closed' }),
      rejected: flow(7003, { expect: 'filtered' }),
      range: flow('7010-7013', { expect: 'reachable' }),
      remote: flow(7001, { to: 'remote' }),
      policy: flow(7004, { to: 'remote' }),
      mute: flow(7006, { to: 'mute', expect: 'filtered' }),
      witness: { from: 'witness', to: 'mute', port: 22, expect: 'open' },
    }),
  });
  const { report, stderr } = await check(lab, ['--timeout', '2s']);
  t.deepEqual(
    rows(report),
    [
      'open app>db pass: open 7001',
      'closed app>db pass: timeout 7002',
      'refused app>db pass: refused 7005',
      'rejected app>db pass: rejected 7003',
      'range app>db pass: open 7010-7012, refused 7013',
      'remote app>far pass: open 7001',
      'policy app>far fail: rejected 7004',
      'mute app>silent pass: timeout 7006',
      'witness other>silent pass: open 22',
    ].sort(),
    stderr + JSON.stringify(report?.vantages),
  );
  const row = (id: string) => report?.checks.find((it) => it.flow === id);
  t.is(row('closed')?.proof, 'control');
  // Somebody else was answered, and the route is proven by db: that is all there is, over IPv6 as over IPv4.
  t.is(row('mute')?.proof, 'weak-control');
  t.is(row('open')?.sourceAddress, app!.address6);
  t.regex(row('policy')?.outcomes[0]?.reason ?? '', /^icmpv6 1\/5 from fd00:10:10::1$/);
  const policy = report?.findings.find(({ cause }) => cause === 'network-firewall');
  t.truthy(policy, JSON.stringify(report?.findings));
  t.deepEqual(
    report?.vantages.map(({ address, status }) => [address, status]),
    Object.keys(roles).map((name) => [lab.host(name).managementAddress6, 'ready']),
  );
});

labTest('a login by a name of both families says which address it took, and which did not answer', async (t) => {
  const lab = await labOf(t, { app: {}, db: {} });
  const app = lab.host('app');
  await lab.listen('db', { '0.0.0.0': '7001' });
  const scenarios = writeScenario(lab, { service: flow(7001) });
  const roles = { app: ['client'], db: ['node'] };
  const ssh = { host: 'app.example', strictHostKeyChecking: 'accept-new' };
  writeInventory(lab, { roles, hosts: { app: { ssh } }, scenarios });
  const names = [`${app.managementAddress6} app.example`, `${app.managementAddress} app.example`];
  const vantage = async () => {
    const { report, stderr, stdout } = await check(lab, ['-r', 'table', '-v'], { names });
    t.deepEqual(rows(report), ['service app>db pass: open 7001'], stderr);
    return { ...report?.vantages.find(({ host }) => host === 'app'), stdout };
  };
  const first = await vantage();
  t.is(first.address, app.managementAddress6);
  t.deepEqual(first.notes, []);
  t.regex(first.stdout, new RegExp(`app +ssh2 to ${app.managementAddress6} `));
  await drop(app.machine, { ports: '22', family: 'ipv6' });
  const second = await vantage();
  t.is(second.address, app.managementAddress);
  t.deepEqual(second.notes, [
    `${app.managementAddress6} did not answer within 2 s; logged in by ${app.managementAddress}`,
  ]);
  t.regex(second.stdout.replaceAll(/\s+/g, ' '), /did not answer within 2 s; logged in by .* \(app\)/);
});

labTest('a node without IPv6 says that it asked names for IPv4 addresses only', async (t) => {
  const lab = await labOf(t, { app: {}, db: {} });
  await lab.listen('db', { '::': '7001' });
  await lab
    .host('app')
    .machine.runInside('sh', ['-c', 'for each in /proc/sys/net/ipv6/conf/*/disable_ipv6; do echo 1 >$each; done']);
  writeInventory(lab, {
    roles: { app: ['client'], db: ['node'] },
    hosts: { db: { address: 'db' } },
    scenarios: writeScenario(lab, { service: flow(7001) }),
  });
  const { report, stderr } = await check(lab);
  t.deepEqual(rows(report), ['service app>db pass: open 7001'], stderr);
  t.deepEqual(report?.vantages.find(({ host }) => host === 'app')?.notes, [
    'has no IPv6 address: of the names that it probes, only the IPv4 addresses were asked for and tried',
  ]);
});
