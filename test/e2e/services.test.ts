import { drop } from '../lab/filter.js';
import { writeInventory } from '../lab/inventory.js';
import { createLab } from '../lab/lab.js';
import { labTest } from '../lab/lab-test.js';
import { startNginx } from '../lab/servers/nginx.js';
import { check, type FlowSpec, notPassed, rows, writeScenario } from './check.js';

// An accepted connection is no service: what stands behind it is told apart from every source alike, and what the sweep
// can tell better (a refusal, silence) is left to it.

const open = { from: 'client', to: 'service', expect: 'open' } as const;
const flows: Readonly<Record<string, FlowSpec>> = {
  served: { ...open, port: 7000, service: 'http' },
  other: { ...open, port: 7000, service: { http: { path: '/elsewhere', status: [404] } } },
  misasked: { ...open, port: 7000, service: 'redis' },
  hollow: { ...open, port: 7001, service: 'http' },
  path: { ...open, port: 7001, service: 'http', expect: 'reachable' },
  mute: { ...open, port: 7002, service: 'redis' },
  down: { ...open, port: 7003, service: 'http' },
  dropped: { ...open, port: 7004, service: 'http' },
  gateway: { ...open, port: 7005, service: 'http' },
  sshd: { ...open, port: 22, service: 'ssh' },
  agent: { ...open, port: '7100-7119', service: 'http', match: { ports: 'any', prefer: [7101] } },
  nobody: { ...open, port: '7100-7109', service: 'http', match: { ports: 'any' } },
};

const expected = [
  'agent pass: mismatch 7102, open 7110, refused 7100,7103-7109,7111-7119, reset 7101',
  'down fail: refused 7003',
  'dropped fail: timeout 7004',
  'gateway fail: mismatch 7005',
  'hollow fail: reset 7001',
  'misasked fail: mismatch 7000',
  'mute fail: mismatch 7002',
  'nobody fail: mismatch 7102, refused 7100,7103-7109, reset 7101',
  'other pass: open 7000',
  'path pass: reset 7001',
  'served pass: open 7000',
  'sshd pass: open 22',
];

const causes: Readonly<Record<string, string>> = {
  down: 'service-down',
  dropped: 'packet-filter-drops',
  gateway: 'upstream-down',
  hollow: 'service-closes',
  misasked: 'wrong-service',
  mute: 'service-silent',
};

labTest(
  'behind an accepted connection there may be a service, another one, none, or a gateway without one',
  async (t) => {
    const lab = await createLab({
      hosts: {
        python: {},
        perl: { interpreters: ['perl', 'bash'] },
        relayed: { sshd: ['DisableForwarding yes'] },
        bash: { interpreters: ['bash'] },
        server: {},
      },
    });
    t.teardown(() => lab.close());
    const server = lab.host('server');
    const web = { address: '0.0.0.0', network: server.machine.networkOnly };
    const nginxes = await Promise.all([
      startNginx({ ...web, port: 7000 }),
      startNginx({ ...web, port: 7110 }),
      startNginx({ ...web, port: 7005, answers: { '/': { status: 503, body: 'no backend' } } }),
    ]);
    t.teardown(() => Promise.all(nginxes.map((nginx) => nginx.stop())));
    await lab.listen('server', { '0.0.0.0': '7001,7101' });
    await lab.listen('server', { '0.0.0.0': '7102' }, 'EHLO?\r\n');
    const mute = await lab.listen('server', { '0.0.0.0': '7002' });
    mute.freeze();
    const network = server.interfaces[0]!.network;
    await drop(server.machine, { network, ports: '7004' });
    const sources = ['python', 'perl', 'relayed', 'bash'];
    writeInventory(lab, {
      roles: { ...Object.fromEntries(sources.map((name) => [name, ['client']])), server: ['service'] },
      scenarios: writeScenario(lab, flows),
    });

    const { code, report, stderr } = await check(lab, ['--rate', '0']);
    t.is(code, 1, stderr + notPassed(report));
    for (const source of sources) {
      const seen = rows(report).filter((row) => row.includes(` ${source}>server `));
      t.deepEqual(
        seen.map((row) => row.replace(` ${source}>server`, '')),
        expected,
        `${source}: ${notPassed(report)}`,
      );
    }
    for (const { flow, from, finding } of report!.checks) {
      const cause = report!.findings.find(({ id }) => id === finding)?.cause;
      if (causes[flow] !== undefined) t.is(cause, causes[flow], `${flow} from ${from}`);
    }
    const served = report!.checks.find(({ flow, from }) => flow === 'served' && from === 'python')!;
    t.is(served.proof, 'identified');
    const { phasesMs } = served.outcomes[0]!;
    t.true(phasesMs!.connect! > 0 && phasesMs!.firstByte! > 0, JSON.stringify(phasesMs));
    t.is(phasesMs!.tls, null);
    for (const name of sources)
      t.deepEqual(lab.host(name).processes({ sessions: false }), [], `nothing is left on ${name}`);
  },
  { alsoNeeded: ['nginx'] },
);
