import { platform } from 'node:os';
import { startCluster } from '../demo/cluster.js';
import { differences } from '../demo/compare.js';
import { freeLayout } from '../demo/free-ports.js';
import { addressEach, addressShared } from '../demo/layout.js';
import { conclusion, type DemoLine, introduction } from '../demo/text.js';
import { type ExitCode, exitCodes } from '../model/errors.js';
import { wrap } from '../report/wrap.js';
import { runCheck } from './check.js';
import type { CommandIo } from './io.js';
import type { CheckSettings } from './options.js';

/**
 * `portolan demo`: starts an embedded site with faults, checks it as any other, and compares. Exit code 0 says that the
 * report shows what was planted and nothing else.
 */
export async function runDemo(
  io: CommandIo,
  layoutOf = platform() === 'linux' ? addressEach : addressShared,
): Promise<ExitCode> {
  const layout = await freeLayout(layoutOf);
  const cluster = await startCluster(layout, io.environment);
  try {
    say(io, introduction(layout, cluster.faults));
    // The operator's agent and ssh configuration have no business here.
    const environment = { ...io.environment, HOME: cluster.home, SSH_AUTH_SOCK: undefined };
    const report = await runCheck([], settingsFor(cluster.inventoryFile), { ...io, environment });
    if (report.run.interrupted) return report.summary.exitCode;
    const found = differences(report, cluster.faults, layout);
    say(io, conclusion(report, found));
    return found.length === 0 ? exitCodes.passed : exitCodes.failed;
  } finally {
    await cluster.stop();
  }
}

/** The defaults of `portolan check`. */
function settingsFor(inventory: string): CheckSettings {
  return {
    inventory,
    filters: { from: [], to: [], flow: [] },
    sample: undefined,
    rate: 200,
    totalRate: 2000,
    seed: 1,
    reporters: [],
    timeoutMs: 3500,
    parallel: 50,
    mysqlUser: 'portolan',
    diagnose: true,
    ticket: null,
    verbosity: 1,
    listen: false,
  };
}

function say(io: CommandIo, lines: readonly DemoLine[]): void {
  for (const [index, { mark, text }] of lines.entries()) {
    const listed = mark !== '' && index > 0;
    const wrapped = wrap(text, Math.min(io.width, 100), mark, ' '.repeat(mark.length));
    io.stdout(`${listed || index === 0 ? '' : '\n'}${wrapped.join('\n')}\n`);
  }
  io.stdout('\n');
}
