import { writeInventory } from '../lab/inventory.js';
import { createLab } from '../lab/lab.js';
import { labTest } from '../lab/lab-test.js';
import { preflight, rows, writeScenario } from './check.js';

labTest('preflight tries', async (t) => {
  const lab = await createLab({
    hosts: { a: {}, b: {}, c: { interpreters: ['perl'] }, d: { interpreters: ['bash'] } },
  });
  t.teardown(() => lab.close());
  const flows = {
    range: { from: 'prober', to: 'database', port: '20000-20100', expect: 'reachable' },
    one: { from: 'prober', to: 'database', port: 8563, expect: 'open' },
  } as const;
  writeInventory(lab, {
    roles: { a: ['prober', 'database'], b: ['prober', 'database'], c: ['prober'], d: ['prober', 'database'] },
    scenarios: writeScenario(lab, flows),
  });
  const done = await preflight(lab, ['--rate', '0']);
  t.log(done.stdout, done.stderr, done.code, done.durationMs);
  t.deepEqual(rows(done.report), []);
});
