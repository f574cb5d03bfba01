import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { countSyns } from '../lab/filter.js';
import { writeInventory } from '../lab/inventory.js';
import { createLab, type Lab } from '../lab/lab.js';
import { labTest } from '../lab/lab-test.js';
import { runPortolan } from '../lab/portolan.js';
import { check, rows, writeScenario } from './check.js';

const flow = { service: { from: 'prober', to: 'database', port: 7001, expect: 'open' } } as const;

async function usageLab(t: ExecutionContext): Promise<Lab> {
  const lab = await createLab({ hosts: { a: {}, b: {}, db: {} } });
  t.teardown(() => lab.close());
  await lab.listen('db', { '0.0.0.0': '7001' });
  inventory(lab);
  return lab;
}

function inventory(lab: Lab, settings: Partial<Parameters<typeof writeInventory>[1]> = {}): void {
  const roles = { a: ['prober'], b: ['prober'], db: ['database'] };
  writeInventory(lab, { roles, scenarios: writeScenario(lab, flow), ...settings });
}

/** Counts the SYNs that any host of the lab receives: logins and probes alike. */
async function packets(lab: Lab): Promise<() => Promise<number>> {
  const counters = await Promise.all(lab.hosts.map(({ machine }) => countSyns(machine, {})));
  return async () => (await Promise.all(counters.map((count) => count()))).reduce((sum, syns) => sum + syns, 0);
}

labTest('a run sends packets, so that a count of none means something', async (t) => {
  const lab = await usageLab(t);
  const sent = await packets(lab);
  t.is((await check(lab)).code, 0);
  t.true((await sent()) >= 5);
});

labTest('no role of the scenario held by any host is exit 2, before the first packet', async (t) => {
  const lab = await usageLab(t);
  inventory(lab, { roles: { a: [], b: [], db: [] } });
  const sent = await packets(lab);
  const { code, stderr, stdout } = await check(lab);
  t.is(code, 2, stdout);
  t.regex(stderr, /\S/);
  t.notRegex(stderr, /^\s+at /m);
  t.is(await sent(), 0);
});

labTest('a report file that cannot be written is exit 2, before the first packet', async (t) => {
  const lab = await usageLab(t);
  const folder = join(lab.folder, 'no-such-folder', 'report.json');
  const sent = await packets(lab);
  const { code, stderr } = await runPortolan(lab, ['check', '-i', 'inventory.json', '-r', `json=${folder}`]);
  t.is(code, 2);
  t.regex(stderr, /no-such-folder\/report\.json/);
  t.notRegex(stderr, /^\s+at /m);
  mkdirSync(join(lab.folder, 'a-folder'));
  t.is((await runPortolan(lab, ['check', '-i', 'inventory.json', '-r', 'ndjson=a-folder'])).code, 2);
  t.is(await sent(), 0);
});

labTest('a report that cannot be written to the end is exit 70', async (t) => {
  const lab = await usageLab(t);
  const { code, stderr } = await runPortolan(lab, ['check', '-i', 'inventory.json', '-r', 'json=/dev/full']);
  t.is(code, 70, stderr);
  t.regex(stderr, /\/dev\/full/);
});

labTest('an uncaught exception is exit 70, and keeps its stack', async (t) => {
  const lab = await usageLab(t);
  const planted = 'setTimeout(() => { throw new Error("planted by the test"); }, 250)';
  writeFileSync(join(lab.folder, 'planted.mjs'), planted);
  const env = { NODE_OPTIONS: `--import ${join(lab.folder, 'planted.mjs')}` };
  const { code, stderr } = await runPortolan(lab, ['check', '-i', 'inventory.json', '--rate', '1'], { env });
  t.is(code, 70, stderr);
  t.regex(stderr, /planted by the test[\s\S]*planted\.mjs/);
});

labTest('mistakes in the inventory are all reported at once with exit 2, and nothing is sent', async (t) => {
  const lab = await usageLab(t);
  const sent = await packets(lab);
  inventory(lab, { hosts: { a: { adress: '10.0.0.1' }, b: { roles: ['probr'] } } });
  const { code, stderr } = await check(lab);
  t.is(code, 2);
  t.regex(stderr, /adress.*inventory\.json:\d+/);
  t.regex(stderr, /probr.*inventory\.json:\d+.*did you mean "prober"/);
  t.is(await sent(), 0);
});

labTest('a name that does not resolve on one node only fails that node’s check alone', async (t) => {
  const lab = await usageLab(t);
  inventory(lab, { hosts: { db: { address: 'db' } } });
  lab.host('a').setNames([]);
  const { report, code } = await check(lab);
  t.deepEqual(rows(report), ['service a>db fail: name-failure 7001', 'service b>db pass: open 7001']);
  t.is(code, 1);
});
