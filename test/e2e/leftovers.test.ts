import { setTimeout as delay } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { parsePorts } from '#src/model/port-set.js';
import { writeInventory } from '../lab/inventory.js';
import { createLab, type Lab } from '../lab/lab.js';
import { labTest } from '../lab/lab-test.js';
import { leftovers } from '../lab/leftovers.js';
import { preflight, writeScenario } from './check.js';
import { type Ending, endings } from './endings.js';

/** How often each ending is tried, at moments chosen at random. */
const repetitions = Number(process.env.PORTOLAN_REPETITIONS ?? 2);

/** Milliseconds; a whole run takes less where the machine is not too busy. */
const latestMoment = 4000;
const longestRepetition = 60_000;

const documented = parsePorts('8563,8564,20000-20300')!;

async function meshLab(t: ExecutionContext): Promise<Lab> {
  const lab = await createLab({
    hosts: {
      py: { interpreters: ['python3'] },
      pl: { interpreters: ['perl'] },
      all: {},
      dial: { interpreters: [] },
    },
  });
  t.teardown(() => lab.close());
  const flows = {
    client: { from: 'node', to: 'node', port: '8563-8564', expect: 'open' },
    mesh: { from: 'node', to: 'node', port: '20000-20300', expect: 'reachable' },
    outside: { from: 'outside', to: 'node', port: 8563, expect: 'open' },
  } as const;
  writeInventory(lab, {
    roles: { py: ['node'], pl: ['node'], all: ['node'], dial: ['outside'] },
    scenarios: writeScenario(lab, flows),
  });
  return lab;
}

/** What was wrong, in words that tell the moment. */
async function endOnce(t: ExecutionContext, lab: Lab, ending: Ending): Promise<readonly string[]> {
  const moment = Math.round(Math.random() * latestMoment);
  const wrongs: string[] = [];
  const sessions = ending.sessionsStay !== true;
  const finished = await preflight(lab, ['--rate', '400'], {
    whileRunning: async ({ signal }) => {
      await delay(moment);
      const hosts = await ending.end(lab, signal);
      // Counted from the ending, not from the end of the run.
      wrongs.push(...(await Promise.all(hosts.map((host) => leftovers(host, documented, { sessions })))).flat());
    },
  });
  await ending.mend?.(lab);
  wrongs.push(
    ...(await Promise.all(lab.hosts.map((host) => leftovers(host, documented, { sessions })))).flat(),
    ...ending.wrongs(finished),
  );
  const lasted = Math.round(finished.durationMs - moment);
  if (lasted > ending.lastsMs) wrongs.push(`it went on for ${lasted} ms`);
  t.log(`ended after ${moment} ms, lasted ${lasted} ms more, exit code ${finished.code}`);
  return wrongs.map((wrong) => `ended after ${moment} ms: ${wrong}`);
}

for (const ending of endings) {
  labTest(`preflight leaves nothing on any node after ${ending.title}`, async (t) => {
    t.timeout(repetitions * longestRepetition);
    const lab = await meshLab(t);
    const wrongs: string[] = [];
    for (let number = 0; number < repetitions; number += 1) wrongs.push(...(await endOnce(t, lab, ending)));
    t.deepEqual(wrongs, []);
  });
}
