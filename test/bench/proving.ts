import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Report } from '#src/model/report.js';
import { pathOf } from '../lab/interpreters.js';
import type { Lab } from '../lab/lab.js';
import { runPortolan } from '../lab/portolan.js';
import { atMost, count, inTurns, type Measurement, milliseconds } from './measure.js';
import { createMesh } from './mesh-lab.js';

const source = fileURLToPath(new URL('../../test/bench/listener-floor.c', import.meta.url));
const [first, last] = [20000, 21000];
/** Seconds for four nodes. What thirty take is the machine's: there the loop in C tells how much of it is ours. */
const secondsLimit = 3;
const ratioLimit = 1.5;

/** The same mesh with a listener on every port: `portolan preflight`, beside `portolan check`, which is refused everywhere. */
export async function measureProving(rounds?: number): Promise<readonly Measurement[]> {
  return [...(await measureSize(4, rounds ?? 5)), ...(await measureSize(30, rounds ?? 1))];
}

async function measureSize(size: number, rounds: number): Promise<readonly Measurement[]> {
  const mesh = await createMesh(size);
  try {
    const program = await compile(mesh.lab.folder);
    const times = await inTurns(rounds, {
      check: () => mesh.portolan(),
      preflight: () => prove(mesh.lab, mesh.probes),
      floor: async () => program !== undefined && (await askAll(mesh.lab, program, mesh.probes)),
    });
    const what = (by: string) => `${size} nodes, ${count(mesh.probes)} probes: ${by}`;
    const figures = (time: number) => ({
      'wall time': milliseconds(time),
      'of check’s': (time / times.check).toFixed(2),
      ...(program === undefined ? {} : { 'of C’s': (time / times.floor).toFixed(2) }),
      'probes/s': count((mesh.probes / time) * 1000),
    });
    const floor = program === undefined ? { '': 'skipped: no C compiler' } : figures(times.floor);
    return [
      { what: what('portolan check, all refused'), figures: figures(times.check) },
      { what: what('C on the nodes, a token asked and answered, no ssh'), figures: floor },
      {
        what: what('portolan preflight'),
        figures: figures(times.preflight),
        ...limitOf(size, times, program !== undefined),
      },
    ];
  } finally {
    await mesh.lab.close();
  }
}

function limitOf(
  size: number,
  { floor, preflight }: { readonly floor: number; readonly preflight: number },
  compiled: boolean,
): Pick<Measurement, 'limit'> {
  if (size <= 4) return { limit: atMost(preflight / 1000, secondsLimit, ' s') };
  return compiled ? { limit: atMost(preflight / floor, ratioLimit, ' of C’s') } : {};
}

async function compile(folder: string): Promise<string | undefined> {
  if (pathOf('cc') === undefined) return undefined;
  const program = `${folder}/listener-floor`;
  await execa('cc', ['-O2', '-o', program, source]);
  return program;
}

/** Throws where a single path was not proven by its listener. */
async function prove(lab: Lab, probes: number): Promise<void> {
  const args = [
    'preflight',
    '-i',
    'inventory.json',
    '--flow',
    'exasol/subconnections',
    '--rate',
    '0',
    '-r',
    'json=r.json',
  ];
  const { code, stderr } = await runPortolan(lab, args);
  const { checks, vantages } = JSON.parse(readFileSync(join(lab.folder, 'r.json'), 'utf8')) as Report;
  const proven = checks
    .filter(({ kind, proof, status }) => kind === 'path' && status === 'pass' && proof === 'listener')
    .flatMap(({ outcomes }) => outcomes)
    .reduce((sum, outcome) => sum + outcome.count, 0);
  if (proven === probes && code === 0) return;
  const troubles = vantages.flatMap(({ error, host, notes }) =>
    [...(error === null ? [] : [error]), ...notes].map((each) => `  ${host}: ${each}\n`),
  );
  throw new Error(`exit ${code}: ${proven} of ${probes} proven\n${troubles.join('')}${stderr}`);
}

/** Listeners and askers in C on all nodes at once, in their namespaces. */
async function askAll({ hosts }: Lab, program: string, probes: number): Promise<void> {
  const running = hosts.map((host) => {
    const others = hosts.filter((other) => other !== host).map((other) => other.address());
    const args = [program, others.join(','), `${first}`, `${last}`];
    return execa('nsenter', [...host.machine.networkOnly, ...args], { stdin: 'pipe' });
  });
  await Promise.all(running.map((child) => said(child.stdout, 'ready')));
  const answers = running.map((child) => said(child.stdout, 'answered'));
  for (const child of running) child.stdin.write('g');
  const lines = await Promise.all(answers);
  for (const child of running) child.stdin.end();
  await Promise.all(running);
  const answered = lines.reduce((sum, line) => sum + Number(/answered (\d+)/.exec(line)?.[1] ?? 0), 0);
  if (answered !== probes) throw new Error(`the listeners in C answered ${answered} of ${probes}`);
}

function said(stream: NodeJS.ReadableStream, word: string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes(word) && text.endsWith('\n')) resolve(text);
    });
  });
}
