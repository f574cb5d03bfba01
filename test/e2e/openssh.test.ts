import { drop } from '../lab/filter.js';
import { writeInventory } from '../lab/inventory.js';
import { createLab } from '../lab/lab.js';
import { labTest } from '../lab/lab-test.js';
import { until } from '../until.js';
import { check, notPassed, rows, writeScenario } from './check.js';

const flows = {
  service: { from: 'client', to: 'database', port: 7001, expect: 'open' },
  range: { from: 'client', to: 'database', port: '20000-20009', expect: 'reachable' },
  shut: { from: 'client', to: 'database', port: 7100, expect: 'closed' },
  denied: { from: 'client', to: 'database', port: 7200, expect: 'filtered' },
} as const;

/** Each source, and the engine that is named after it. */
const sources = ['bash', 'perl', 'python'] as const;

labTest('a check by openssh says what the same check by ssh2 says, on every kind of node', async (t) => {
  const lab = await createLab({
    hosts: {
      python: { interpreters: ['python3'] },
      perl: { interpreters: ['perl'] },
      // Where sshd forwards, ssh2 would rather dial.
      bash: { interpreters: ['bash'], sshd: ['DisableForwarding yes'], home: { '.bashrc': 'echo noise\n' } },
      db: {},
    },
  });
  t.teardown(() => lab.close());
  await lab.listen('db', { '0.0.0.0': '7001,20000' });
  await drop(lab.host('db').machine, { ports: '7200' });
  for (const transport of ['ssh2', 'openssh']) {
    writeInventory(lab, {
      roles: { ...Object.fromEntries(sources.map((name) => [name, ['client']])), db: ['database'] },
      hosts: Object.fromEntries([...sources, 'db'].map((name) => [name, { transport }])),
      scenarios: writeScenario(lab, flows),
    });
    const { code, report, stderr } = await check(lab, ['--rate', '0', '--timeout', '500ms']);
    t.is(code, 0, stderr + notPassed(report));
    t.deepEqual(
      rows(report),
      ['denied:timeout 7200', 'range:open 20000, refused 20001-20009', 'service:open 7001', 'shut:refused 7100']
        .map((expected) => expected.split(':'))
        .flatMap(([flow, outcome]) => sources.map((source) => `${flow} ${source}>db pass: ${outcome}`)),
    );
    t.deepEqual(
      report?.vantages.map(({ engine, host, transport: by }) => `${host} ${engine} ${by}`).sort(),
      [...sources, 'db'].map((host) => `${host} ${host === 'db' ? 'python' : host} ${transport}`).sort(),
    );
    for (const host of lab.hosts) {
      const nothing = () => host.processes({ sessions: false }).length === 0;
      await until(nothing, 10_000, `nothing is left on ${host.name}`);
    }
  }
});
