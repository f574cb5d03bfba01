import type { Plan } from '../model/plan.js';
import { makePlan } from '../plan/make-plan.js';
import type { PlanOptions } from '../plan/options.js';
import { services } from '../protocol/registry.js';
import type { PlanSettings } from './options.js';
import { loadSite, type Site } from './site.js';

/** A site and what of it is to be probed, before an installation or after it. */
export interface PlannedSite extends Site {
  readonly plan: Plan;
}

/** Loads the files and plans. Throws an ExpectedError with everything that is wrong in them. */
export function planSite(
  requested: readonly string[],
  settings: PlanSettings,
  phase: PlanOptions['phase'] = 'check',
): PlannedSite {
  const site = loadSite(settings.inventory, requested);
  return { ...site, plan: planOf(site, settings, phase) };
}

/** The plan of a site, as far as the settings leave something of it. */
export function planOf(
  { inventory, scenarios }: Site,
  { filters, sample, seed }: PlanSettings,
  phase: PlanOptions['phase'] = 'check',
): Plan {
  return makePlan(scenarios, inventory.members, {
    phase,
    filters,
    sample: sample === undefined ? undefined : { ports: sample, seed },
    dialogues: services,
  });
}
