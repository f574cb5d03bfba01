import { hostname } from 'node:os';
import { asWarnings } from '../lint/as-warnings.js';
import { lintSite } from '../lint/lint-site.js';
import { ExpectedError } from '../model/errors.js';
import { packageVersion } from '../packaged.js';
import { assertSomethingToProbe } from '../plan/make-plan.js';
import { noticeText } from '../report/notice.js';
import { planText } from '../report/plan-text.js';
import type { CommandIo } from './io.js';
import { localDay } from './local-day.js';
import { type PlanFlags, type PlanSettings, planSettings } from './options.js';
import { planSite } from './planning.js';
import { operator } from './run-record.js';

/** The flags of `portolan plan`, as commander hands them over. */
export interface PlanCommandFlags extends PlanFlags {
  readonly notice?: boolean;
  readonly start?: string;
}

/** `portolan plan`: prints what would be probed, or a notice of it; connects to nothing. */
export function runPlan(requested: readonly string[], flags: PlanCommandFlags, io: CommandIo): void {
  const { notice, start } = flags;
  const settings = planSettings(flags);
  if (start !== undefined && !notice) throw new ExpectedError('--start is for the notice; give --notice too');
  for (const chunk of notice ? noticeOf(requested, settings, start) : textOf(requested, settings, io)) io.stdout(chunk);
}

function textOf(requested: readonly string[], settings: PlanSettings, { width, now }: CommandIo): Iterable<string> {
  const { filters, rate, totalRate } = settings;
  const { inventory, plan, scenarios } = planSite(requested, settings);
  const rules = lintSite(scenarios, inventory.members, {
    extendedBrowserPorts: false,
    flow: filters.flow,
    waivers: inventory.waivers,
    today: localDay(now()),
  });
  return planText(plan, asWarnings(rules), { width, rate, totalRate });
}

/** Throws an ExpectedError where nobody has anything to be told. */
function noticeOf(requested: readonly string[], settings: PlanSettings, start: string | undefined): Iterable<string> {
  const { plan } = planSite(requested, settings);
  assertSomethingToProbe(plan);
  const { rate, totalRate } = settings;
  const who = { operator: operator(), controller: hostname(), version: packageVersion() };
  return noticeText(plan, { ...who, start, rate, totalRate });
}
