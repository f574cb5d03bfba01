import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { pathOf, systemPath } from '../lab/interpreters.js';
import type { Lab } from '../lab/lab.js';
import { atLeast, count, type Measurement, median, milliseconds, timed } from './measure.js';
import { createMesh } from './mesh-lab.js';

const nodes = 4;
/** A cut-down job: at their speed the whole range would take an hour and more. */
const first = 20000;
const portsOf = { cut: `${first}-${first + 4}`, whole: '20000-21000' };
const times = 1000;

/** Ansible's wait_for and testinfra on a few ports, Portolan on the whole range, compared by probes per second. */
export async function measurePeers(rounds = 1): Promise<readonly Measurement[]> {
  const [mesh, whole] = [await createMesh(nodes, portsOf.cut), await createMesh(nodes, portsOf.whole)];
  try {
    writeJob(mesh.lab, portsOf.cut);
    const rows: Measurement[] = [];
    for (const { name, program, run } of peers) {
      const what = `${name}, ${count(mesh.probes)} probes`;
      if (pathOf(program) === undefined) {
        const limit = { text: 'the lab is required', kept: process.env.PORTOLAN_REQUIRE_LAB !== '1' };
        rows.push({ what, figures: { 'probes/s': `skipped: no ${program}` }, limit });
        continue;
      }
      const [theirs, ours]: [number[], number[]] = [[], []];
      for (let round = 0; round < rounds; round += 1) {
        theirs.push(await timed(() => run(mesh.lab)));
        ours.push(await timed(whole.portolan));
      }
      const [rate, own] = [(mesh.probes / median(theirs)) * 1000, (whole.probes / median(ours)) * 1000];
      const extrapolated = milliseconds((whole.probes / rate) * 1000);
      rows.push({
        what,
        figures: {
          'wall time': milliseconds(median(theirs)),
          'probes/s': rate.toFixed(1),
          [`${count(whole.probes)} probes, extrapolated`]: extrapolated,
          'portolan’s time for these': milliseconds(median(ours)),
          'portolan’s probes/s, of theirs': `${count(own / rate)} ×`,
        },
        limit: atLeast(own / rate, times, ' ×'),
      });
    }
    return rows;
  } finally {
    await Promise.all([mesh.lab.close(), whole.lab.close()]);
  }
}

interface Peer {
  readonly name: string;
  readonly program: string;
  run(lab: Lab): Promise<unknown>;
}

const peers: readonly Peer[] = [
  { name: 'Ansible wait_for, no pipelining', program: 'ansible-playbook', run: (lab) => ansible(lab, false) },
  { name: 'Ansible wait_for, pipelining', program: 'ansible-playbook', run: (lab) => ansible(lab, true) },
  { name: 'testinfra', program: 'py.test-3', run: testinfra },
];

/** The same work in their words: a refusal is what is expected of each port (wait_for's `drained` and `stopped` would do). */
function writeJob({ folder, hosts, clientKey }: Lab, ports: string): void {
  const known = `-o UserKnownHostsFile=${join(folder, 'known_hosts')} -F none`;
  const inventory = hosts.map(
    ({ name, managementAddress }) =>
      `${name} ansible_host=${managementAddress} ansible_user=ops ansible_ssh_private_key_file=${clientKey.file}`,
  );
  const python = 'ansible_python_interpreter=/usr/bin/python3';
  writeFileSync(
    join(folder, 'hosts.ini'),
    `[mesh]\n${inventory.join('\n')}\n[mesh:vars]\n${python}\nansible_ssh_common_args='${known}'\n`,
  );
  const addresses = hosts.map((host) => host.address());
  const [from, to] = ports.split('-').map(Number);
  const each = Array.from({ length: to! - from! + 1 }, (_, index) => from! + index);
  const waitFor = { host: '{{ item.0 }}', port: '{{ item.1 }}', state: 'stopped', timeout: 3 };
  const task = {
    wait_for: waitFor,
    loop: `{{ (${JSON.stringify(addresses)} | difference([me[inventory_hostname]])) | product(${JSON.stringify(each)}) | list }}`,
  };
  const me = Object.fromEntries(hosts.map((host) => [host.name, host.address()]));
  const play = { hosts: 'mesh', gather_facts: false, vars: { me }, tasks: [task] };
  writeFileSync(join(folder, 'play.json'), JSON.stringify([play]));
  writeFileSync(
    join(folder, 'test_mesh.py'),
    `import pytest
ME = ${JSON.stringify(me)}
@pytest.mark.parametrize('port', ${JSON.stringify(each)})
@pytest.mark.parametrize('target', ${JSON.stringify(addresses)})
def test_reachable(host, target, port):
    if ME[host.backend.get_pytest_id().split('//')[-1]] != target:
        assert not host.addr(target).port(port).is_reachable
`,
  );
}

async function ansible(lab: Lab, pipelining: boolean): Promise<void> {
  const env = { PATH: systemPath, HOME: lab.folder, LC_ALL: 'C.UTF-8', ANSIBLE_PIPELINING: `${pipelining}` };
  const { stdout } = await execa('ansible-playbook', ['-i', 'hosts.ini', 'play.json'], {
    ...{ cwd: lab.folder, extendEnv: false, env },
  });
  const passed = stdout.match(/: ok=1 .*failed=0/g)?.length ?? 0;
  if (passed !== lab.hosts.length) throw new Error(`Ansible did not finish its job: ${stdout.slice(-2000)}`);
}

async function testinfra(lab: Lab): Promise<void> {
  const args = [
    '-q',
    '-p',
    'no:cacheprovider',
    '--hosts=ansible://mesh',
    '--ansible-inventory=hosts.ini',
    'test_mesh.py',
  ];
  const { stdout } = await execa('py.test-3', args, {
    ...{ cwd: lab.folder, extendEnv: false, env: { PATH: systemPath, HOME: lab.folder, LC_ALL: 'C.UTF-8' } },
  });
  if (!/\d+ passed/.test(stdout)) throw new Error(`testinfra did not finish its job: ${stdout.slice(-2000)}`);
}
