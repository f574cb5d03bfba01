import { banAbove, drop } from '../lab/filter.js';
import { writeInventory } from '../lab/inventory.js';
import { createLab } from '../lab/lab.js';
import { labTest } from '../lab/lab-test.js';
import { check, notPassed, writeScenario } from './check.js';

for (const args of [[], ['--rate', '0']])
  labTest(
    `a gateway that bans who connects too fast is told as that, not as closed ports: ${args.join(' ')}`,
    async (t) => {
      const hosts = { app: {}, db: { networks: ['west'] }, walled: { networks: ['west'] } };
      const lab = await createLab({ hosts });
      t.teardown(() => lab.close());
      const flows = {
        banned: { from: 'client', to: 'database', port: '20000-20999', expect: 'reachable' },
        dropped: { from: 'client', to: 'wall', port: '20000-20399', expect: 'reachable' },
      } as const;
      const roles = { app: ['client'], db: ['database'], walled: ['wall'] };
      writeInventory(lab, { roles, scenarios: writeScenario(lab, flows) });
      await banAbove(lab.router, 100, lab.host('db').address());
      // A rule that drops some stays a rule that drops some.
      await drop(lab.host('walled').machine, { ports: '20100-20399', network: 'west' });
      const { report, stderr } = await check(lab, args);
      const of = (flow: string) => report?.checks.find((it) => it.flow === flow);
      const banned = of('banned');
      t.is(banned?.status, 'unknown', `${stderr}${notPassed(report)}`);
      t.deepEqual([...new Set(banned?.outcomes.map((it) => `${it.outcome} ${it.untried ?? ''}`.trim()))].sort(), [
        'refused',
        'unprobed rate-ban',
      ]);
      const dropped = of('dropped');
      t.is(dropped?.status, 'fail');
      t.deepEqual(dropped?.outcomes.map(({ outcome, ports }) => `${outcome} ${ports}`).sort(), [
        'refused 20000-20099',
        'timeout 20100-20399',
      ]);
    },
  );
