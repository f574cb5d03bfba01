import test from 'ava';
import { formatPorts } from '#src/model/port-set.js';
import { planWork } from '#src/plan/work.js';
import { endpoint, flow, host, plan, scenario, site } from './builders.js';

const a = host('a', 'app');

function sshOf(made: ReturnType<typeof plan>): readonly string[] {
  return planWork(made, a).ssh.map(({ ports, sshd, target }) => `${target} ${formatPorts(ports)} of ${sshd}`);
}

test('SSH ports are kept from the sweep: the well-known one, the host’s own and what a flow calls ssh', (t) => {
  const members = site(
    a,
    host('b', 'node', { address: '10.0.0.2', ssh: { port: 2222 } }),
    endpoint('e', 'node', { address: 'fd00::5' }),
  );
  const flows = [flow('all', 'app -> node : 1-3000'), flow('sftp', 'app -> node : 990', { service: 'ssh' })];
  const made = plan(scenario(flows), members);
  t.deepEqual(sshOf(made), [
    '10.0.0.2 22 of 10.0.0.2:22',
    '10.0.0.2 2222 of 10.0.0.2:2222',
    '10.0.0.2 990 of 10.0.0.2:990',
    'fd00::5 22 of [fd00::5]:22',
    'fd00::5 990 of [fd00::5]:990',
  ]);
  const swept = planWork(made, a).sweep.map(({ ports, target }) => `${target} ${formatPorts(ports)}`);
  t.deepEqual(swept, ['10.0.0.2 1-21,23-989,991-2221,2223-3000', 'fd00::5 1-21,23-989,991-3000']);
  t.deepEqual([...made.probesBySshd.values()], [1, 1, 1, 1, 1]);
});

test('a host’s sshd is one, by whichever address it is probed or logged in to', (t) => {
  const b = host('b', 'node', { address: '10.0.0.2', addresses: { backup: '10.9.0.2' }, ssh: { host: '192.0.2.2' } });
  const flows = [flow('ssh', 'app -> node : 22'), flow('backup', 'app -> node : 22', { network: 'backup' })];
  const made = plan(scenario(flows), site(a, b));
  t.deepEqual(sshOf(made), ['10.0.0.2 22 of 192.0.2.2:22', '10.9.0.2 22 of 192.0.2.2:22']);
  t.deepEqual([...made.probesBySshd], [['192.0.2.2:22', 2]]);
});
