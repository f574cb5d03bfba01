import { planText } from '../report/plan-text.js';
import type { CommandIo } from './io.js';
import type { PlanSettings } from './options.js';
import { planSite } from './planning.js';

/** `portolan plan`: prints what would be probed; connects to nothing. */
export function runPlan(requested: readonly string[], settings: PlanSettings, io: CommandIo): void {
  const { plan } = planSite(requested, settings);
  const { rate, totalRate } = settings;
  for (const chunk of planText(plan, { width: io.width, rate, totalRate })) io.stdout(chunk);
}
