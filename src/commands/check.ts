import { asWarnings } from '../lint/as-warnings.js';
import { lintSite } from '../lint/lint-site.js';
import type { ExitCode } from '../model/errors.js';
import type { StreamedReport } from '../model/report.js';
import { assertSomethingToProbe } from '../plan/make-plan.js';
import { reporters } from '../report/registry.js';
import type { CommandIo } from './io.js';
import { localDay } from './local-day.js';
import { observeSite } from './observing.js';
import type { CheckSettings } from './options.js';
import { planSite } from './planning.js';
import { inputsOf, reportOf } from './report-of.js';
import { ReportSinks } from './report-sinks.js';

/** `portolan check`: loads, plans, observes, judges, diagnoses and reports. Throws an ExpectedError before the first packet. */
export async function runCheck(
  requested: readonly string[],
  settings: CheckSettings,
  io: CommandIo,
): Promise<{ readonly report: StreamedReport; readonly exitCode: ExitCode }> {
  const site = planSite(requested, settings);
  assertSomethingToProbe(site.plan);
  const sinks = ReportSinks.open(
    settings.reporters,
    reporters,
    inputsOf(site).map(({ file }) => file),
  );
  const startedAt = io.now();
  const { interruption, observations } = await observeSite(site, settings, io, {
    proving: settings.listen ? { flows: 'idle', closed: false } : undefined,
  });
  const rules = lintSite(site.scenarios, site.inventory.members, {
    extendedBrowserPorts: false,
    flow: settings.filters.flow,
    waivers: site.inventory.waivers,
    today: localDay(startedAt),
  });
  const times = { startedAt, endedAt: io.now(), interruption };
  const report = reportOf(site, settings, observations, times, { command: 'check', rules: asWarnings(rules) });
  sinks.write(report, io, settings.verbosity);
  return { report, exitCode: report.summary.exitCode };
}
