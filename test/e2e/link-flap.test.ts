import { setTimeout as delay } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import type { LabHost } from '../lab/host.js';
import { writeInventory } from '../lab/inventory.js';
import { createLab, type Lab } from '../lab/lab.js';
import { labTest } from '../lab/lab-test.js';
import { type Checked, check, notPassed, preflight, writeScenario } from './check.js';

const repetitions = Number(process.env.PORTOLAN_REPETITIONS ?? 2);
const ports = '20000-20999';

/** Cuts everything that a host has, the way that we log in by too, and mends it. */
async function flap(host: LabHost, forMs: number): Promise<void> {
  const networks = ['management', ...host.interfaces.map(({ network }) => network)];
  await Promise.all(networks.map((network) => host.unplug(network)));
  await delay(forMs);
  await Promise.all(networks.map((network) => host.plug(network)));
}

async function flapLab(t: ExecutionContext): Promise<Lab> {
  const lab = await createLab({ hosts: { app: {}, steady: {}, db: { networks: ['west'] } } });
  t.teardown(() => lab.close());
  const flows = { range: { from: 'client', to: 'database', port: ports, expect: 'reachable' } } as const;
  const roles = { app: ['client'], steady: ['client'], db: ['database'] };
  writeInventory(lab, { roles, scenarios: writeScenario(lab, flows) });
  return lab;
}

/** Everything answers all the time, but for the source whose link is cut: it may only have failed to try. */
function believed(t: ExecutionContext, { report }: Checked, what: string): void {
  const message = `${what}\n${notPassed(report)}`;
  t.truthy(report, message);
  const wrong = (report?.checks ?? []).filter(({ from, outcomes, status }) =>
    from === 'steady' ? status !== 'pass' : outcomes.some((it) => it.outcome !== 'unprobed' && it.status !== 'pass'),
  );
  t.deepEqual(wrong, [], message);
  for (const { cause } of report?.findings ?? []) t.notRegex(cause, /filter|silent|host-down|unreachable/, message);
}

for (const run of [check, preflight])
  labTest(`${run.name}: no verdict rests on what a source saw while its link was down`, async (t) => {
    for (let repetition = 0; repetition < repetitions; repetition++) {
      const lab = await flapLab(t);
      const afterMs = 1000 + Math.random() * 5000;
      const forMs = 3600 + Math.random() * 3500;
      const what = `cut after ${Math.round(afterMs)} ms for ${Math.round(forMs)} ms`;
      const finished = await run(lab, [], {
        whileRunning: async () => {
          await delay(afterMs);
          await flap(lab.host('app'), forMs);
        },
      });
      believed(t, finished, what);
      await lab.close();
    }
  });
