import type { StreamedReport } from '../model/report.js';
import type { CommandIo } from './io.js';
import type { PreflightSettings } from './options.js';
import { reportRun } from './reporting.js';

/**
 * `portolan preflight`: rules, free ports, and paths proven with temporary listeners, before anything is installed. Throws as
 * {@link reportRun} does.
 */
export function runPreflight(
  requested: readonly string[],
  settings: PreflightSettings,
  io: CommandIo,
): Promise<StreamedReport> {
  const { extendedBrowserPorts, listenClosed } = settings;
  return reportRun(requested, settings, io, {
    command: 'preflight',
    proving: { flows: 'preflight', closed: listenClosed },
    extendedBrowserPorts,
    rulesShown: (rules) => rules,
  });
}
