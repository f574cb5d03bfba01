import { asWarnings } from '../lint/as-warnings.js';
import type { StreamedReport } from '../model/report.js';
import type { CommandIo } from './io.js';
import type { CheckSettings } from './options.js';
import { reportRun } from './reporting.js';

/** `portolan check`: what is documented, after the installation; broken rules as warnings. Throws as {@link reportRun} does. */
export function runCheck(
  requested: readonly string[],
  settings: CheckSettings,
  io: CommandIo,
): Promise<StreamedReport> {
  return reportRun(requested, settings, io, {
    command: 'check',
    proving: settings.listen ? { flows: 'idle', closed: false } : undefined,
    extendedBrowserPorts: false,
    rulesShown: asWarnings,
  });
}
