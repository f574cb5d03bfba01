import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { atMost, inTurns, type Measurement, milliseconds } from './measure.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const [help, plan] = ['--help', 'plan -i inventory.example.json'] as const;
const limits = { [help]: 150, [plan]: 300 };

/** How long the program takes for what connects to nothing, beside what Node takes to do nothing at all. */
export async function measureStartUp(rounds = 11): Promise<readonly Measurement[]> {
  const home = mkdtempSync(join(tmpdir(), 'portolan-bench-'));
  const node = (args: readonly string[]) => execa(process.execPath, args, { cwd: root, env: { HOME: home } });
  const portolan = (words: string) => () => node(['dist/cli.js', ...words.split(' ')]);
  const times = await inTurns(rounds, {
    node: () => node(['-e', '0']),
    [help]: portolan(help),
    [plan]: portolan(plan),
  });
  rmSync(home, { recursive: true });
  return [
    { what: 'Node itself, `node -e 0`', figures: { 'wall time': milliseconds(times.node) } },
    ...([help, plan] as const).map((words) => ({
      what: `\`portolan ${words}\``,
      figures: { 'wall time': milliseconds(times[words]), 'of Node’s own': (times[words] / times.node).toFixed(1) },
      limit: atMost(times[words], limits[words], ' ms'),
    })),
  ];
}
