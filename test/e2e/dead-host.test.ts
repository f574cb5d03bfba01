import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeInventory } from '../lab/inventory.js';
import { createLab } from '../lab/lab.js';
import { labTest } from '../lab/lab-test.js';
import { runPortolan } from '../lab/portolan.js';
import { check, notPassed, writeScenario } from './check.js';

// A mesh of which one node is switched off: whatever its neighbours are told, and in whatever order, it is one fault.

const flows = {
  transfers: { from: 'node', to: 'node', port: '20000-21000', expect: 'reachable' },
  agent: { from: 'node', to: 'node', port: 2911, expect: 'closed' },
} as const;

for (const count of [4, 10])
  labTest(`one dead node of ${count} is one finding, and nothing that a firewall has to let through`, async (t) => {
    const names = Array.from({ length: count }, (_, index) => `n${index + 1}`);
    const dead = names.at(-1)!;
    const lab = await createLab({
      hosts: Object.fromEntries(names.map((name) => [name, { interpreters: ['python3' as const] }])),
    });
    t.teardown(() => lab.close());
    const roles = Object.fromEntries(names.map((name) => [name, ['node']]));
    writeInventory(lab, { roles, scenarios: writeScenario(lab, flows) });
    await lab.host(dead).unplug('east');
    await lab.host(dead).unplug('management');

    const { report } = await check(lab, ['--rate', '0']);
    const message = notPassed(report);
    t.deepEqual(
      report?.findings.map(({ cause }) => cause),
      ['host-silent'],
      message,
    );
    const concerned = report!.checks.filter(({ status }) => status !== 'pass');
    t.true(
      concerned.every(({ from, to }) => from === dead || to === dead),
      message,
    );
    t.is(concerned.length, 2 * 2 * (count - 1), message);
    t.true(
      concerned.every(({ outcomes }) => outcomes.every(({ finding }) => finding === 'f1')),
      message,
    );

    const file = join(lab.folder, 'report.json');
    writeFileSync(file, JSON.stringify(report));
    const { stdout } = await runPortolan(lab, ['rules', '--failed', file, '-i', 'inventory.json']);
    t.regex(stdout, /^nothing failed that a firewall rule would mend\n/, readFileSync(file, 'utf8'));
    t.true(stdout.includes(`no rule mends f1: ${dead} (`), stdout);
  });
