import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { type Measurement, median, repeated } from './measure.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const limits = [
  { args: ['--help'], limitMs: 150 },
  { args: ['plan', '-i', 'inventory.example.json'], limitMs: 300 },
];
const times = 11;

/** How long the program takes for what connects to nothing. */
export async function measureStartUp(): Promise<readonly Measurement[]> {
  const home = mkdtempSync(join(tmpdir(), 'portolan-bench-'));
  const measurements: Measurement[] = [];
  for (const { args, limitMs } of limits) {
    const run = () => execa(process.execPath, ['dist/cli.js', ...args], { cwd: root, env: { HOME: home } });
    await run();
    const value = median(await repeated(times, run));
    const what = `portolan ${args.join(' ')}`;
    measurements.push({ what, value: `${Math.round(value)} ms`, limit: `${limitMs} ms`, kept: value <= limitMs });
  }
  rmSync(home, { recursive: true });
  return measurements;
}
