import { compileFloor } from './floor.js';
import { atMost, count, inTurns, type Measurement, median, milliseconds } from './measure.js';
import { createMesh } from './mesh-lab.js';
import type { Taken } from './watch.js';

const ratioLimit = 1.05;
const memoryLimitMb = 200;

/** An Exasol mesh by Portolan, by nmap over ssh on all nodes at once, and by a loop in C on the nodes, in turns. */
export async function measureMesh(rounds?: number): Promise<readonly Measurement[]> {
  return [...(await measureSize(4, rounds ?? 9)), ...(await measureSize(30, rounds ?? 3))];
}

async function measureSize(size: number, rounds: number): Promise<readonly Measurement[]> {
  const mesh = await createMesh(size);
  try {
    const program = await compileFloor(mesh.lab.folder);
    const own: Taken[] = [];
    const nmaps: Taken[] = [];
    const times = await inTurns(rounds, {
      portolan: async () => own.push(await mesh.portolan()),
      nmap: async () => nmaps.push(await mesh.nmap()),
      floor: async () => program !== undefined && (await mesh.floor(program)),
    });
    const what = (by: string) => `${size} nodes, ${count(mesh.probes)} probes: ${by}`;
    const figures = (time: number) => ({
      'wall time': milliseconds(time),
      'of nmap’s': (time / times.nmap).toFixed(2),
      'probes/s': count((mesh.probes / time) * 1000),
    });
    const megabytes = (taken: readonly Taken[]) => median(taken.map(({ peakBytes }) => peakBytes)) / 1e6;
    const memory = (taken: readonly Taken[]) => ({ 'controller’s memory': `${Math.round(megabytes(taken))} MB` });
    const processor = (taken: readonly Taken[]) => ({
      'controller’s CPU': milliseconds(median(taken.map(({ cpuMs }) => cpuMs))),
    });
    const floor = program === undefined ? { '': 'skipped: no C compiler' } : figures(times.floor);
    return [
      { what: what('C loop on the nodes, no ssh'), figures: floor },
      { what: what('nmap over ssh'), figures: { ...figures(times.nmap), ...memory(nmaps), ...processor(nmaps) } },
      {
        what: what('portolan'),
        figures: { ...figures(times.portolan), ...memory(own), ...processor(own) },
        limit: atMost(times.portolan / times.nmap, ratioLimit),
      },
      { what: what('portolan’s memory'), figures: memory(own), limit: atMost(megabytes(own), memoryLimitMb, ' MB') },
    ];
  } finally {
    await mesh.lab.close();
  }
}
