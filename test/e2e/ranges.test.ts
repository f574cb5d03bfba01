import { countSyns } from '../lab/filter.js';
import { writeInventory } from '../lab/inventory.js';
import { createLab } from '../lab/lab.js';
import { labTest } from '../lab/lab-test.js';
import { check, rows, writeScenario } from './check.js';

labTest('every port of a range is probed once and none beside it, whatever the seed', async (t) => {
  const lab = await createLab({
    hosts: { py: { interpreters: ['python3'] }, pl: { interpreters: ['perl'] }, dial: { interpreters: [] }, db: {} },
  });
  t.teardown(() => lab.close());
  const flows = { range: { from: 'prober', to: 'database', port: '4000-4009', expect: 'reachable' } } as const;
  writeInventory(lab, {
    roles: { py: ['prober'], pl: ['prober'], dial: ['prober'], db: ['database'] },
    scenarios: writeScenario(lab, flows),
  });
  const { machine } = lab.host('db');
  const within = await countSyns(machine, { ports: '4000-4009', network: 'east' });
  const beside = await countSyns(machine, { ports: '1-3999,4010-65535', network: 'east' });
  for (let seed = 0; seed < 10; seed += 1) {
    const { report, code, stderr } = await check(lab, ['--rate', '0', '--seed', `${seed}`]);
    const truth = ['dial', 'pl', 'py'].map((source) => `range ${source}>db pass: refused 4000-4009`);
    t.deepEqual(rows(report), truth, `seed ${seed}: ${stderr}`);
    t.is(code, 0);
  }
  t.is(await within(), 10 * 3 * 10);
  t.is(await beside(), 0);
});
