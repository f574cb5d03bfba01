import { writeInventory } from '../lab/inventory.js';
import { createLab } from '../lab/lab.js';
import { labTest } from '../lab/lab-test.js';
import { check, type FlowSpec, notPassed, rows, writeScenario } from './check.js';

const ports = Array.from({ length: 45 }, (_, index) => 7001 + index);

labTest('ports whose first packet was lost are tried again, also where each is a flow of its own', async (t) => {
  const lab = await createLab({
    hosts: {
      py: { interpreters: ['python3'] },
      pl: { interpreters: ['perl'] },
      dial: { interpreters: [] },
      sh: { interpreters: ['bash'], sshd: ['AllowTcpForwarding no'] },
      db: {},
    },
  });
  t.teardown(() => lab.close());
  await lab.listen('db', { '0.0.0.0': '7001-7045,7100,7201-7245' });
  // The first SYN of each source to each port is lost; the kernel sends another after 1 s, which is after the timeout.
  const rules = [
    'add table inet lost',
    'add set inet lost seen { type ipv4_addr . inet_service; flags dynamic; }',
    'add chain inet lost input { type filter hook input priority 0; policy accept; }',
    'add rule inet lost input tcp dport { 7001-7045, 7201-7245 } tcp flags syn / syn,ack ip saddr . tcp dport != @seen add @seen { ip saddr . tcp dport } drop',
  ];
  await lab.host('db').machine.run('nft', ['-f', '-'], `${rules.join('\n')}\n`);
  const flow = (port: number | string): FlowSpec => ({ from: 'prober', to: 'database', port, expect: 'open' });
  writeInventory(lab, {
    roles: { py: ['prober'], pl: ['prober'], dial: ['prober'], sh: ['prober'], db: ['database'] },
    scenarios: writeScenario(lab, {
      ...Object.fromEntries(ports.map((port) => [`port-${port}`, flow(port)])),
      range: flow('7201-7245'),
      whole: flow(7100),
    }),
  });
  const { report, code } = await check(lab, ['--timeout', '600ms']);
  t.deepEqual(
    rows(report).filter((line) => !line.includes(' pass: open ')),
    [],
    notPassed(report),
  );
  t.is(report?.checks.length, 4 * (ports.length + 2));
  t.is(code, 0);
});
