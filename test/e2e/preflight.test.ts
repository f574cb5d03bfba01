import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { hasPort, parsePorts } from '#src/model/port-set.js';
import type { Report } from '#src/model/report.js';
import { clearFilters, drop, reject } from '../lab/filter.js';
import { writeInventory } from '../lab/inventory.js';
import { createLab, type Lab } from '../lab/lab.js';
import { labTest } from '../lab/lab-test.js';
import { runPortolan } from '../lab/portolan.js';
import { until } from '../until.js';
import { notPassed, preflight } from './check.js';

// The whole FineDataLink cluster document on bare hosts, each on a network of its own: everything crosses the router.
const roles = {
  operations: ['fineops', 'fineops-registry', 'fineops-oap'],
  'app-1': ['fdl-app'],
  'app-2': ['fdl-app'],
  'component-1': ['fdl-component'],
  'component-2': ['fdl-component', 'fdl-gateway'],
  database: ['business-db'],
  desk: ['om-user'],
} as const;

async function bareSite(t: ExecutionContext): Promise<Lab> {
  const names = Object.keys(roles);
  const lab = await createLab({
    networks: Object.fromEntries(names.map((_, index) => [`net${index}`, `10.${index + 31}.0`])),
    hosts: Object.fromEntries(
      names.map((name, index) => [
        name,
        { networks: [`net${index}`], interpreters: name === 'app-2' ? ['perl', 'bash'] : ['python3', 'bash'] },
      ]),
    ),
  });
  t.teardown(() => lab.close());
  writeInventory(lab, { roles, user: 'root', scenarios: { 'finedatalink-cluster': {} } });
  return lab;
}

/** Every path of the report as one line. */
function paths(report: Report | undefined, status: string): readonly string[] {
  return (report?.checks ?? [])
    .filter((check) => check.kind === 'path' && check.status === status)
    .map(({ flow, from, ports, to }) => `${flow} ${from}>${to} ${ports}`)
    .sort();
}

labTest(
  'on bare hosts the whole document passes, fails in exactly the rows of a missing rule, and is mended by the rules it proposes',
  async (t) => {
    const lab = await bareSite(t);
    const open = await preflight(lab, ['--rate', '0']);
    t.deepEqual([open.code, paths(open.report, 'fail')], [0, []], notPassed(open.report) + open.stderr);
    const passed = paths(open.report, 'pass');
    t.true(passed.length > 150, `${passed.length}`);
    const proven = open.report!.checks.filter(({ kind, status }) => kind === 'path' && status === 'pass');
    t.deepEqual([...new Set(proven.map(({ proof }) => proof))], ['listener']);

    const component = lab.host('component-1').address();
    await drop(lab.router, { chain: 'forward', to: component, ports: '6379,9848' });
    const missing = await preflight(lab, ['--rate', '0']);
    t.is(missing.code, 1, missing.stderr);
    const affected = passed.filter((line) => / (?!component-1)\S+>component-1 (?:6379|9848)$/.test(line));
    t.true(affected.length >= 6);
    t.deepEqual(paths(missing.report, 'fail'), affected, notPassed(missing.report));
    t.deepEqual(
      paths(missing.report, 'pass'),
      passed.filter((line) => !affected.includes(line)),
    );

    const args = ['rules', '--failed', 'report.json', '--format', 'nftables', '--nft-chain', 'inet lab forward'];
    const proposed = await runPortolan(lab, args);
    t.is(proposed.code, 0, proposed.stderr);
    await lab.router.run('nft', ['-f', '-'], proposed.stdout);
    const mended = await preflight(lab, ['--rate', '0']);
    t.deepEqual([mended.code, paths(mended.report, 'pass')], [0, passed], notPassed(mended.report));

    const csv = await runPortolan(lab, ['rules', '--failed', 'report.json', '--format', 'csv']);
    t.regex(csv.stdout + csv.stderr, /nothing failed/);
  },
);

const impostors = {
  // Says the client's own words back: what it hears is a token, and not the listener's.
  'echoes for everybody': ['ncat', '-lk', '-p', '9999', '--exec', '/bin/cat'],
  'accepts for everybody and says nothing': ['ncat', '-lk', '-p', '9999', '--recv-only'],
} as const;

for (const [what, command] of Object.entries(impostors)) {
  labTest(
    `where a proxy on the way ${what}, no path passes`,
    async (t) => {
      const lab = await createLab({
        networks: { one: '10.31.0', two: '10.32.0' },
        hosts: { a: { networks: ['one'] }, b: { networks: ['two'] }, c: { networks: ['two'], interpreters: ['perl'] } },
      });
      t.teardown(() => lab.close());
      writeInventory(lab, {
        roles: { a: ['fdl-app'], b: ['fdl-component'], c: ['fdl-app'] },
        user: 'root',
        scenarios: { 'finedatalink-cluster': {} },
      });
      const proxy = spawn('nsenter', [...lab.router.networkOnly, ...command], { stdio: 'ignore' });
      t.teardown(() => proxy.kill());
      const listens = async () => (await lab.router.run('ss', ['-ltn'])).includes(':9999');
      await until(listens, 10_000, 'the proxy listens');
      await lab.router.run(
        'nft',
        ['-f', '-'],
        'table ip nat { chain prerouting { type nat hook prerouting priority -100; tcp dport != 22 redirect to :9999; }; }',
      );
      const { code, report, stderr } = await preflight(lab, ['--rate', '0', '--timeout', '1s', '--from', 'a']);
      t.is(code, 1, stderr);
      t.deepEqual([paths(report, 'pass'), paths(report, 'warn')], [[], []]);
      const crossing = report!.checks.filter(
        (check) => check.kind === 'path' && check.from === 'a' && check.status === 'fail',
      );
      t.true(crossing.length > 10);
      t.true(report!.findings.some(({ cause }) => cause === 'not-our-listener'));
    },
    { alsoNeeded: ['ncat'] },
  );
}

labTest('a firewall that forges refusals is found out, and silence on one port is one finding', async (t) => {
  const lab = await bareSite(t);
  const database = lab.host('component-2');
  await reject(lab.router, { chain: 'forward', to: database.address(), ports: '9092' }, 'tcp-reset');
  const { code, report, stderr } = await preflight(lab, ['--rate', '0', '--to', 'component-2']);
  t.is(code, 1, stderr);
  const failed = report!.checks.filter(({ status }) => status === 'fail');
  t.true(failed.length > 0 && failed.every(({ ports }) => hasPort(parsePorts(ports)!, 9092)), notPassed(report));
  t.deepEqual([...new Set(report!.findings.map(({ cause }) => cause))], ['forged-refusal']);
  await clearFilters(lab.router);
  t.is(readFileSync(join(lab.folder, 'report.json'), 'utf8').length > 0, true);
});

labTest('over IPv6 paths are proven as over IPv4, and of a range of which one port will do, every one', async (t) => {
  const lab = await createLab({
    ipv6: true,
    hosts: { manager: {}, one: {}, two: { interpreters: ['perl', 'bash'] } },
  });
  t.teardown(() => lab.close());
  const overIpv6 = (name: string) => ({ address: lab.host(name).address6 });
  writeInventory(lab, {
    roles: {
      manager: ['ocp-server', 'metadb'],
      one: ['observer', 'ocp-agent', 'backup-agent'],
      two: ['observer', 'ocp-agent', 'obproxy'],
    },
    hosts: { manager: overIpv6('manager'), one: overIpv6('one'), two: overIpv6('two') },
    scenarios: { 'oceanbase-ocp': {} },
  });
  const { code, report, stderr } = await preflight(lab, ['--rate', '0']);
  t.is(code, 0, notPassed(report) + stderr);
  const proven = report!.checks.filter(({ kind, status }) => kind === 'path' && status === 'pass');
  t.true(proven.length > 15, `${proven.length}`);
  t.true(
    proven.every(
      ({ address, expect, proof }) => address?.includes(':') && (expect === 'closed' || proof === 'listener'),
    ),
  );
  const metrics = proven.filter(({ flow }) => flow === 'agent-metrics');
  t.deepEqual(
    metrics.map(({ outcomes, to }) => `${to} ${outcomes.map(({ outcome, ports }) => `${outcome} ${ports}`)}`).sort(),
    ['one', 'two'].map((name) => `${name} open 62881-62887,62889-62999,63001-63881`),
  );
});
