import { drop } from '../lab/filter.js';
import type { Lab } from '../lab/lab.js';
import { atMost, count, type Measurement, median, milliseconds, timed } from './measure.js';
import { checkMesh, createMesh, writeMesh } from './mesh-lab.js';
import type { Taken } from './watch.js';

/** From 30 nodes on with fewer ports: it is the nodes that are to be seen. */
const sizes = [
  [2, '20000-21000'],
  [4, '20000-21000'],
  [8, '20000-21000'],
  [16, '20000-21000'],
  [30, '20000-20100'],
  [60, '20000-20100'],
] as const;
/** From 10000 on, so that no range but the last meets the sshd of the target. */
const ranges = ['10000', '10000-10009', '10000-10099', '10000-11000', '10000-19999', '1-65535'];
/** nmap -T4 takes 102 s for the dropped range, measured once: too long for every run. */
const droppedLimitMs = 5000;

/** What a run costs as the nodes, the ports and the silence grow. */
export async function measureGrowth(rounds = 3): Promise<readonly Measurement[]> {
  const rows: Measurement[] = [];
  for (const [size, ports] of sizes) {
    const mesh = await createMesh(size, ports);
    try {
      rows.push(
        (await measured(`${size} nodes, all pairs, ${ports}, refused`, mesh.probes, rounds, mesh.portolan)).row,
      );
    } finally {
      await mesh.lab.close();
    }
  }
  const { lab } = await createMesh(2);
  try {
    for (const ports of ranges) rows.push(await measurePorts(lab, ports, rounds));
    rows.push(...(await measureAnswers(lab, rounds)));
  } finally {
    await lab.close();
  }
  return rows;
}

/** One of two nodes probes the other. */
const onePair = ['--from', 'n1', '--to', 'n2'];

async function measurePorts(lab: Lab, ports: string, rounds: number): Promise<Measurement> {
  writeMesh(lab, ports);
  const [first, last = first] = ports.split('-').map(Number) as [number, number?];
  const probes = last - first + 1;
  const expected = first > 22 ? { refused: probes } : { refused: probes - 1, open: 1 };
  const run = () => checkMesh(lab, expected, onePair);
  return (await measured(`1 pair, ${count(probes)} ports, refused`, probes, rounds, run)).row;
}

async function measureAnswers(lab: Lab, rounds: number): Promise<readonly Measurement[]> {
  const ports = '20000-21000';
  writeMesh(lab, ports);
  await lab.listen('n2', { '0.0.0.0': ports });
  const open = await measured('1 pair, 1,001 ports, open', 1001, rounds, () => checkMesh(lab, { open: 1001 }, onePair));
  await drop(lab.host('n2').machine, { ports, network: 'east' });
  const silent = () => checkMesh(lab, { timeout: 1001 }, onePair);
  const dropped = await measured('1 pair, 1,001 ports, dropped', 1001, rounds, silent);
  return [open.row, { ...dropped.row, limit: atMost(dropped.ms, droppedLimitMs, ' ms') }];
}

async function measured(what: string, probes: number, rounds: number, run: () => Promise<Taken>) {
  const times: number[] = [];
  const taken: Taken[] = [];
  for (let round = 0; round < rounds; round += 1) times.push(await timed(async () => taken.push(await run())));
  const ms = median(times);
  const figures = {
    probes: count(probes),
    'wall time': milliseconds(ms),
    'probes/s': count((probes / ms) * 1000),
    'controller’s CPU': milliseconds(median(taken.map(({ cpuMs }) => cpuMs))),
    'controller’s memory': `${Math.round(median(taken.map(({ peakBytes }) => peakBytes)) / 1e6)} MB`,
  };
  return { ms, row: { what, figures } satisfies Measurement };
}
