import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { largeSite, writeLargeSite } from './large-site.js';
import { atMost, type Measurement, milliseconds, timed } from './measure.js';

const program = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const tellPeak = "process.on('exit',()=>process.stderr.write('peak '+process.resourceUsage().maxRSS))";
const limits = { milliseconds: 3000, megabytes: 300 };

/** Plans of a thousand nodes, each connected to each: whole processes, their wall time and their peak memory. */
export async function measureScale(): Promise<readonly Measurement[]> {
  const inventory = writeLargeSite();
  const filtered = ['--from', 'exa-n7', '--to', 'exasol-node', '--flow', 'subconnections'];
  return [
    await plan(inventory, [], `${largeSite.checks} checks, ${largeSite.probes}`),
    await plan(inventory, filtered, '999 checks, 999999 probes'),
  ];
}

async function plan(inventory: string, filters: readonly string[], expected: string): Promise<Measurement> {
  const args = ['--import', `data:text/javascript,${tellPeak}`, program, 'plan', '-i', inventory, ...filters];
  let said = { stdout: '', stderr: '' };
  const wall = await timed(async () => {
    said = await execa(process.execPath, args);
  });
  if (!said.stdout.includes(expected)) throw new Error(`the plan is another: ${said.stdout.slice(-300)}`);
  const megabytes = Math.round(Number(/peak (\d+)/.exec(said.stderr)?.[1]) / 1024);
  const words = filters.filter((word) => word.startsWith('--')).join(', ');
  return {
    what: `plan of 1,000 nodes${words === '' ? '' : ` with ${words}`}`,
    figures: { 'wall time': milliseconds(wall), 'peak memory': `${megabytes} MB` },
    limit: {
      text: `at most ${limits.milliseconds} ms, ${limits.megabytes} MB`,
      kept: atMost(wall, limits.milliseconds).kept && atMost(megabytes, limits.megabytes).kept,
    },
  };
}
