import type { ExecutionContext } from 'ava';
import { countPorts, parsePorts } from '#src/model/port-set.js';
import type { ReportCheck } from '#src/model/report.js';
import { countSyns } from '../lab/filter.js';
import type { LabHost } from '../lab/host.js';
import { writeInventory } from '../lab/inventory.js';
import { createLab, type Lab } from '../lab/lab.js';
import { labTest } from '../lab/lab-test.js';
import { sockets } from '../lab/sockets.js';
import { until } from '../until.js';
import { check, rows, writeScenario } from './check.js';

const engines = { py: ['python3'], pl: ['perl'], dial: [] } as const;
type Source = keyof typeof engines;
const sources = Object.keys(engines) as Source[];

/** 1,001 ports at 50 a second: twenty seconds in which things can go wrong. */
const slowly = ['--rate', '50'];

async function sweepLab(t: ExecutionContext): Promise<Lab> {
  const hosts = Object.entries(engines).map(([name, interpreters]) => [name, { interpreters }] as const);
  const lab = await createLab({ hosts: { ...Object.fromEntries(hosts), db: {} } });
  t.teardown(() => lab.close());
  const flows = { range: { from: 'prober', to: 'database', port: '20000-21000', expect: 'reachable' } } as const;
  writeInventory(lab, {
    roles: { ...Object.fromEntries(sources.map((source) => [source, ['prober']])), db: ['database'] },
    scenarios: writeScenario(lab, flows),
  });
  return lab;
}

/** Resolves once every source has sent some of its probes. */
async function midSweep(lab: Lab): Promise<void> {
  const counters = await Promise.all(
    sources.map((source) => countSyns(lab.host(source).machine, { ports: '20000-21000', chain: 'output' })),
  );
  const begun = async () => (await Promise.all(counters.map((count) => count()))).every((syns) => syns >= 100);
  await until(begun, 30_000, 'every source has begun');
}

/** Nothing of ours runs there, and nothing still connects. */
async function nothingLeft(host: LabHost): Promise<boolean> {
  if (host.processes({ sessions: false }).length > 0) return false;
  return (await sockets(host.machine)).every(({ remotePort }) => remotePort < 20000 || remotePort > 21000);
}

/** The ports that were tried and those that were not, which together are the range. */
function triedPorts(t: ExecutionContext, row: ReportCheck | undefined): number {
  const count = (kinds: readonly string[]) =>
    (row?.outcomes ?? [])
      .filter(({ outcome }) => kinds.includes(outcome))
      .reduce((sum, { ports }) => sum + countPorts(parsePorts(ports) ?? []), 0);
  const [tried, untried] = [count(['refused']), count(['unprobed'])];
  t.is(tried + untried, 1001, JSON.stringify(row?.outcomes));
  return tried;
}

for (const [name, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  labTest(`${name} mid-sweep leaves a partial report and nothing on any node, and exits ${code}`, async (t) => {
    const lab = await sweepLab(t);
    const finished = await check(lab, slowly, {
      whileRunning: async ({ signal }) => {
        await midSweep(lab);
        signal(name);
      },
    });
    t.is(finished.code, code, finished.stderr);
    t.true(finished.report?.run.interrupted);
    t.false(finished.report?.run.complete);
    for (const source of sources) {
      const row = finished.report?.checks.find(({ from }) => from === source);
      t.is(row?.status, 'unknown', `${source}: ${JSON.stringify(row?.outcomes)}`);
      const tried = triedPorts(t, row);
      t.true(tried >= 10 && tried < 1001, `${source}: ${tried}`);
    }
    for (const host of lab.hosts) {
      await until(() => nothingLeft(host), 10_000, `nothing left on ${host.name}: ${JSON.stringify(host.processes())}`);
    }
  });
}

const cuts: Readonly<Record<string, (host: LabHost) => void | Promise<void>>> = {
  'whose sessions are killed': (host) => host.killSessions(),
  'whose login network goes silent': (host) => host.unplug('management'),
};

for (const [what, cut] of Object.entries(cuts)) {
  labTest(`of nodes ${what} mid-sweep what is known is kept, the rest is unprobed, and nothing is left`, async (t) => {
    const lab = await sweepLab(t);
    let left: Promise<void> | undefined;
    const finished = await check(lab, slowly, {
      whileRunning: async () => {
        await midSweep(lab);
        for (const source of sources) await cut(lab.host(source));
        // Measured from the cut, not from the end of the run; it is awaited below.
        left = Promise.all(
          sources.map((source) => until(() => nothingLeft(lab.host(source)), 10_000, `nothing left on ${source}`)),
        ).then(() => {});
        left.catch(() => {});
      },
    });
    await t.notThrowsAsync(left!);
    t.false(finished.report?.run.interrupted);
    for (const source of sources) {
      const row = finished.report?.checks.find(({ from }) => from === source);
      t.is(row?.status, 'unknown', `${source}: ${JSON.stringify(row?.outcomes)}`);
      const tried = triedPorts(t, row);
      t.true(tried >= 10 && tried < 1001, `${source}: ${tried}`);
      t.is(finished.report?.vantages.find(({ host }) => host === source)?.status, 'lost');
    }
    t.is(finished.code, 3, finished.stderr);
  });
}

labTest('of nodes whose engine is killed mid-sweep nothing is invented', async (t) => {
  const lab = await sweepLab(t);
  const finished = await check(lab, slowly, {
    whileRunning: async () => {
      await midSweep(lab);
      for (const source of ['py', 'pl']) {
        for (const { pid } of lab.host(source).processes({ sessions: false })) {
          try {
            process.kill(pid, 'SIGKILL');
          } catch {
            // A shell ends by itself once what it has started is killed.
          }
        }
      }
    },
  });
  t.true(finished.code === 3 || finished.code === 0, finished.stderr);
  for (const row of finished.report?.checks ?? []) {
    const tried = triedPorts(t, row);
    t.is(row.status, tried === 1001 ? 'pass' : 'unknown');
  }
});

for (const [what, cut] of Object.entries(cuts)) {
  labTest(`a dialogue that is cut short, of nodes ${what}, says nothing about its service`, async (t) => {
    const lab = await createLab({ hosts: { py: {}, dial: { interpreters: [] }, db: {} } });
    t.teardown(() => lab.close());
    const mute = await lab.listen('db', { '0.0.0.0': '3306' });
    mute.freeze();
    const flows = { mysql: { from: 'prober', to: 'database', port: 3306, service: 'mysql', expect: 'open' } } as const;
    const roles = { py: ['prober'], dial: ['prober'], db: ['database'] };
    writeInventory(lab, { roles, scenarios: writeScenario(lab, flows) });
    const whole = await check(lab);
    t.deepEqual(
      rows(whole.report).map((line) => line.replace(/:.*/, '')),
      ['mysql dial>db fail', 'mysql py>db fail'],
    );

    const probers = [lab.host('py'), lab.host('dial')];
    const counters = await Promise.all(
      probers.map(({ machine }) => countSyns(machine, { ports: '3306', chain: 'output' })),
    );
    const all = async () => (await Promise.all(counters.map((count) => count()))).every((syns) => syns > 0);
    const broken = await check(lab, ['--timeout', '4s'], {
      whileRunning: async () => {
        await until(all, 30_000, 'both have dialled');
        for (const host of probers) await cut(host);
      },
    });
    t.deepEqual(rows(broken.report), ['mysql dial>db unknown: unprobed 3306', 'mysql py>db unknown: unprobed 3306']);
    t.is(broken.code, 3, broken.stderr);
  });
}

labTest('a controller that is killed outright leaves nothing on any node ten seconds later', async (t) => {
  const lab = await sweepLab(t);
  const finished = await check(lab, slowly, {
    whileRunning: async ({ signal }) => {
      await midSweep(lab);
      signal('SIGKILL');
    },
  });
  t.is(finished.code, null);
  for (const host of lab.hosts) {
    await until(() => nothingLeft(host), 10_000, `nothing left on ${host.name}: ${JSON.stringify(host.processes())}`);
  }
});
