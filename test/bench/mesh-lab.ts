import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { execa } from 'execa';
import type { Report } from '#src/model/report.js';
import type { LabHost } from '../lab/host.js';
import { writeInventory } from '../lab/inventory.js';
import { createLab, type Lab } from '../lab/lab.js';
import { runPortolan } from '../lab/portolan.js';
import { introduceNeighbours } from './neighbours.js';
import { type Taken, Watched } from './watch.js';

/** A lab whose hosts are all Exasol nodes; `ports` are the sub-connections between them, all of which refuse. */
export interface MeshLab {
  readonly lab: Lab;
  readonly probes: number;
  /** What the controller took; throws where a single probe says anything but refused. */
  portolan(): Promise<Taken>;
  /** What the ssh clients took together; nmap runs on all nodes at once. */
  nmap(): Promise<Taken>;
  /** The C loop on all nodes at once, started in their namespaces: no login, no shell start-up, no report. */
  floor(program: string): Promise<void>;
}

export async function createMesh(size: number, ports = '20000-21000'): Promise<MeshLab> {
  const nodes = Array.from({ length: size }, (_, index) => `n${index + 1}`);
  const lab = await createLab({ hosts: Object.fromEntries(nodes.map((node) => [node, {}])) });
  await introduceNeighbours(lab);
  writeMesh(lab, ports);
  const [first, last] = ports.split('-').map(Number) as [number, number];
  const each = last - first + 1;
  const probes = size * (size - 1) * each;
  const others = (host: LabHost) => lab.hosts.filter((other) => other !== host).map((other) => other.address());
  return {
    lab,
    probes,
    portolan: () => checkMesh(lab, { refused: probes }),
    nmap: async () => {
      const command = (host: LabHost) => `nmap -sT -Pn -n -T4 -p${ports} ${others(host).join(' ')}`;
      const taken = await Promise.all(lab.hosts.map((host) => byNmap(lab, host, command(host), each)));
      return {
        peakBytes: taken.reduce((sum, { peakBytes }) => sum + peakBytes, 0),
        cpuMs: taken.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
      };
    },
    floor: async (program) => {
      // With thousands in flight on 30 nodes the kernel's queue between them (netdev_max_backlog) overflows: twice as slow.
      const args = [`${first}`, `${last}`, '64', '3500'];
      await Promise.all(
        lab.hosts.map((host) => byFloor(host, [program, others(host).join(','), ...args], probes / size)),
      );
    },
  };
}

/** The inventory of a mesh on these ports; written again, it is another mesh. */
export function writeMesh(lab: Lab, ports: string): void {
  const roles = Object.fromEntries(lab.hosts.map(({ name }) => [name, ['exasol-node']]));
  writeInventory(lab, { roles, scenarios: { exasol: { ports: { subconnection: ports } } } });
}

/** Runs `portolan check` on the mesh; throws where it saw anything but these outcomes, so many of each. */
export async function checkMesh(
  lab: Lab,
  expected: Readonly<Record<string, number>>,
  filters: readonly string[] = [],
): Promise<Taken> {
  const args = ['check', '-i', 'inventory.json', '--flow', 'exasol/subconnections', '--rate', '0', '-r', 'json=r.json'];
  let watched: Watched | undefined;
  const whileRunning = async ({ pid }: { readonly pid: number }) => {
    watched = new Watched(pid);
  };
  const { code, stderr } = await runPortolan(lab, [...args, ...filters], { whileRunning });
  const taken = watched!.taken();
  const report = JSON.parse(readFileSync(join(lab.folder, 'r.json'), 'utf8')) as Report;
  const seen: Record<string, number> = {};
  for (const { outcome, count } of report.checks.flatMap(({ outcomes }) => outcomes)) {
    seen[outcome] = (seen[outcome] ?? 0) + count;
  }
  if (!isDeepStrictEqual(seen, expected)) {
    const said = `exit ${code}, ${JSON.stringify(seen)} instead of ${JSON.stringify(expected)}`;
    throw new Error(`portolan: ${said}\n${shortcomings(report)}${stderr}`);
  }
  return taken;
}

/** What a run that should have passed says instead: nothing is reported otherwise, and such a run is hard to repeat. */
function shortcomings({ checks, vantages }: Report): string {
  const lines = [
    ...vantages.filter(({ status }) => status !== 'ready').map(({ host, error }) => `${host}: ${error}`),
    ...checks
      .filter(({ status }) => status !== 'pass')
      .flatMap(({ from, to, status, outcomes }) =>
        outcomes.map(
          ({ outcome, count, reason }) => `${from} to ${to}: ${status}: ${outcome}, ${count} ports: ${reason}`,
        ),
      ),
  ];
  return lines.map((line) => `  ${line}\n`).join('');
}

async function byNmap(lab: Lab, host: LabHost, command: string, each: number): Promise<Taken> {
  const client = execa('ssh', [
    ...['-F', 'none', '-i', lab.clientKey.file, '-o', 'BatchMode=yes'],
    ...['-o', `UserKnownHostsFile=${join(lab.folder, 'known_hosts')}`, `ops@${host.managementAddress}`, command],
  ]);
  const watched = new Watched(client.pid!);
  const { stdout } = await client;
  // Of a single port nmap prints a line of its own.
  const scanned = stdout.match(new RegExp(`Not shown: ${each} closed tcp ports|^\\d+/tcp closed`, 'gm'))?.length ?? 0;
  if (scanned < lab.hosts.length - 1) throw new Error(`nmap on ${host.name} did not scan everything: ${stdout}`);
  return watched.taken();
}

async function byFloor({ machine, name }: LabHost, command: readonly string[], probes: number): Promise<void> {
  const { stdout } = await execa('nsenter', [...machine.networkOnly, ...command]);
  const [, refused] = stdout.split(' ');
  if (refused !== `${probes}`) throw new Error(`the C loop on ${name} was not refused everywhere: ${stdout}`);
}
