import { lintSite } from '../lint/lint-site.js';
import type { ExitCode } from '../model/errors.js';
import { assertSomethingToProbe } from '../plan/make-plan.js';
import { reporters } from '../report/registry.js';
import type { CommandIo } from './io.js';
import { localDay } from './local-day.js';
import { observeSite } from './observing.js';
import type { PreflightSettings } from './options.js';
import { planSite } from './planning.js';
import { inputsOf, reportOf } from './report-of.js';
import { ReportSinks } from './report-sinks.js';

/**
 * `portolan preflight`: rules, free ports, and paths proven with temporary listeners, before anything is installed. Throws an
 * ExpectedError before the first packet.
 */
export async function runPreflight(
  requested: readonly string[],
  settings: PreflightSettings,
  io: CommandIo,
): Promise<ExitCode> {
  const site = planSite(requested, settings, 'preflight');
  assertSomethingToProbe(site.plan);
  const sinks = ReportSinks.open(
    settings.reporters,
    reporters,
    inputsOf(site).map(({ file }) => file),
  );
  const startedAt = io.now();
  const { extendedBrowserPorts, filters, listenClosed } = settings;
  const rules = lintSite(site.scenarios, site.inventory.members, {
    extendedBrowserPorts,
    flow: filters.flow,
    waivers: site.inventory.waivers,
    today: localDay(startedAt),
  });
  const { interruption, observations } = await observeSite(site, settings, io, {
    proving: { flows: 'preflight', closed: listenClosed },
  });
  const times = { startedAt, endedAt: io.now(), interruption };
  const report = reportOf(site, settings, observations, times, { command: 'preflight', rules });
  sinks.write(report, io, settings.verbosity);
  return report.summary.exitCode;
}
