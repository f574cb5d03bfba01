import { lintSite } from '../lint/lint-site.js';
import type { ReportCheck, StreamedReport } from '../model/report.js';
import { assertSomethingToProbe } from '../plan/make-plan.js';
import type { PlanOptions } from '../plan/options.js';
import type { Proving } from '../plan/wanted-ports.js';
import { reporters } from '../report/registry.js';
import type { CommandIo } from './io.js';
import { localDay } from './local-day.js';
import { observeSite } from './observing.js';
import type { CheckSettings } from './options.js';
import { planSite } from './planning.js';
import { inputsOf, reportOf } from './report-of.js';
import { ReportSinks } from './report-sinks.js';

/** What one command that reports checks does differently from another. */
export interface ReportedRun {
  readonly command: PlanOptions['phase'];
  /** Which flows are proven with temporary listeners; undefined: none. */
  readonly proving: Proving | undefined;
  readonly extendedBrowserPorts: boolean;
  /** What of the rules of documents is reported. */
  readonly rulesShown: (rules: readonly ReportCheck[]) => readonly ReportCheck[];
}

/** Loads, plans, observes, judges, diagnoses and reports. Throws an ExpectedError before the first packet. */
export async function reportRun(
  requested: readonly string[],
  settings: CheckSettings,
  io: CommandIo,
  { command, extendedBrowserPorts, proving, rulesShown }: ReportedRun,
): Promise<StreamedReport> {
  const site = planSite(requested, settings, command);
  assertSomethingToProbe(site.plan);
  const sinks = ReportSinks.open(
    settings.reporters,
    reporters,
    inputsOf(site).map(({ file }) => file),
  );
  const startedAt = io.now();
  const rules = lintSite(site.scenarios, site.inventory.members, {
    extendedBrowserPorts,
    flow: settings.filters.flow,
    waivers: site.inventory.waivers,
    today: localDay(startedAt),
  });
  const { interruption, observations } = await observeSite(site, settings, io, { proving });
  const times = { startedAt, endedAt: io.now(), interruption };
  const report = reportOf(site, settings, observations, times, { command, rules: rulesShown(rules) });
  sinks.write(report, io, settings.verbosity);
  return report;
}
