import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { drop } from '../lab/filter.js';
import { writeInventory } from '../lab/inventory.js';
import { createLab, type Lab } from '../lab/lab.js';
import { labTest } from '../lab/lab-test.js';
import { runPortolan } from '../lab/portolan.js';
import { check, notPassed, writeScenario } from './check.js';

const flows = {
  database: { from: 'client', to: 'database', port: '7001-7003', expect: 'reachable' },
  console: { from: 'client', to: 'database', port: 7009, expect: 'open' },
} as const;

const options = ['--rate', '0', '--timeout', '500ms'];

/** Two clients in the east and a database in the west. */
async function rulesLab(t: ExecutionContext): Promise<Lab> {
  const lab = await createLab({ ipv6: true, hosts: { a: {}, b: {}, db: { networks: ['west'] } } });
  t.teardown(() => lab.close());
  writeInventory(lab, {
    roles: { a: ['client'], b: ['client'], db: ['database'] },
    scenarios: writeScenario(lab, flows),
  });
  return lab;
}

labTest(
  'the rules for a run that a missing rule and a dead service broke are that rule, and loaded they turn it green',
  async (t) => {
    const lab = await rulesLab(t);
    await lab.listen('db', { '0.0.0.0': '7001' });
    await drop(lab.router, { chain: 'forward', ports: '7002', to: lab.host('db').address() });
    const red = await check(lab, options);
    t.is(red.code, 1, red.stderr);
    const args = ['rules', '--failed', join(lab.folder, 'report.json')];
    const csv = await runPortolan(lab, [...args, '--format', 'csv']);
    const rules = csv.stdout.split('\n').filter((line) => /^\d/.test(line));
    const [a, b, db] = ['a', 'b', 'db'].map((name) => lab.host(name).address());
    t.deepEqual(rules, [`1,"a, b",${a} ${b},db,${db},tcp,7002,lab/database,database,the test`], csv.stderr);
    t.regex(csv.stdout, /^# failed, but not a firewall matter: lab\/console \(2 checks: refused\)$/m);
    const nft = await runPortolan(lab, [...args, '--format', 'nftables', '--nft-chain', 'inet lab forward']);
    await lab.router.run('nft', ['-f', '-'], `${nft.stdout}\n`);
    await lab.listen('db', { '0.0.0.0': '7009' });
    const green = await check(lab, options);
    t.is(green.code, 0, notPassed(green.report));
    const nothing = await runPortolan(lab, args);
    t.is(nothing.stdout, 'nothing failed that a firewall rule would mend');
    t.is(nothing.code, 0);
  },
);

labTest('a silent name is asked for by its addresses, from the addresses really used', async (t) => {
  const lab = await rulesLab(t);
  writeInventory(lab, {
    roles: { a: ['client'], db: ['database'] },
    // Behind a translation the inventory's own address of the source would be the wrong one to ask for.
    hosts: { a: { address: '203.0.113.7' }, db: { address: 'db' } },
    scenarios: writeScenario(lab, { database: flows.database }),
  });
  await drop(lab.router, { chain: 'forward', ports: '7001-7003' });
  t.is((await check(lab, options)).code, 1);
  const { stdout } = await runPortolan(lab, ['rules', '--failed', 'report.json', '--format', 'iptables']);
  const [a, db] = ['a', 'db'].map((name) => lab.host(name).interfaces[0]!);
  const commands = stdout.split('\n').filter((line) => /^ip6?tables/.test(line));
  t.is(commands.length, 2);
  t.true(commands[0]?.startsWith(`iptables -I FORWARD -s ${a?.address} -d ${db?.address} -p tcp --dport 7001:7003 `));
  t.true(
    commands[1]?.startsWith(`ip6tables -I FORWARD -s ${a?.address6} -d ${db?.address6} -p tcp --dport 7001:7003 `),
  );
});
