import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Report } from '#src/model/report.js';
import type { LabHost } from '../lab/host.js';
import { writeInventory } from '../lab/inventory.js';
import { createLab, type Lab } from '../lab/lab.js';
import { runPortolan } from '../lab/portolan.js';
import { atMost, count, inTurns, type Measurement, milliseconds } from './measure.js';

const nodes = ['n1', 'n2', 'n3', 'n4'];
const probes = nodes.length * (nodes.length - 1) * 1001;
const limit = 1.05;

/** An Exasol mesh of four nodes, by Portolan and by nmap on all nodes at once, in turns under the same load. */
export async function measureMesh(rounds = 9): Promise<readonly Measurement[]> {
  const lab = await createLab({ hosts: Object.fromEntries(nodes.map((node) => [node, {}])) });
  try {
    writeInventory(lab, {
      roles: Object.fromEntries(nodes.map((node) => [node, ['exasol-node']])),
      scenarios: { exasol: {} },
    });
    const times = await inTurns(rounds, { portolan: () => byPortolan(lab), nmap: () => byNmap(lab) });
    const ratio = times.portolan / times.nmap;
    const what = `mesh of ${nodes.length} nodes, ${count(probes)} probes, --rate 0`;
    return [
      { what: `${what}: nmap`, figures: { 'wall time': milliseconds(times.nmap) } },
      {
        what: `${what}: portolan`,
        figures: { 'wall time': milliseconds(times.portolan), 'of nmap’s': ratio.toFixed(2) },
        limit: atMost(ratio, limit),
      },
    ];
  } finally {
    await lab.close();
  }
}

async function byPortolan(lab: Lab): Promise<void> {
  const args = ['check', '-i', 'inventory.json', '--flow', 'exasol/subconnections', '--rate', '0', '-r', 'json=r.json'];
  const { code, stderr } = await runPortolan(lab, args);
  const report = JSON.parse(readFileSync(join(lab.folder, 'r.json'), 'utf8')) as Report;
  if (code !== 0 || report.summary.probes !== probes) {
    throw new Error(`portolan: exit ${code}, ${report.summary.probes} probes\n${shortcomings(report)}${stderr}`);
  }
}

/** What a run that should have passed says instead: nothing is reported otherwise, and such a run is hard to repeat. */
function shortcomings({ checks, vantages }: Report): string {
  const lines = [
    ...vantages.filter(({ status }) => status !== 'ready').map(({ host, error }) => `${host}: ${error}`),
    ...checks
      .filter(({ status }) => status !== 'pass')
      .flatMap(({ from, to, status, outcomes }) =>
        outcomes.map(({ outcome, ports, reason }) => `${from} to ${to}: ${status}: ${outcome} ${ports}: ${reason}`),
      ),
  ];
  return lines.map((line) => `  ${line}\n`).join('');
}

async function byNmap(lab: Lab): Promise<void> {
  await Promise.all(lab.hosts.map((host) => nmap(lab, host)));
}

async function nmap(lab: Lab, host: LabHost): Promise<void> {
  const others = lab.hosts.filter((other) => other !== host).map((other) => other.address());
  const { stdout } = await execa('ssh', [
    ...['-F', 'none', '-i', lab.clientKey.file, '-o', 'BatchMode=yes'],
    ...['-o', `UserKnownHostsFile=${join(lab.folder, 'known_hosts')}`],
    `ops@${host.managementAddress}`,
    `nmap -sT -Pn -n -T4 -p20000-21000 ${others.join(' ')}`,
  ]);
  const scanned = stdout.match(/Not shown: 1001 closed tcp ports/g)?.length ?? 0;
  if (scanned < others.length) throw new Error(`nmap on ${host.name} did not scan everything: ${stdout}`);
}
