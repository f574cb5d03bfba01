import type { Member, Waiver } from '../model/inventory.js';
import type { ReportCheck } from '../model/report.js';
import type { BoundScenario } from '../model/scenario.js';
import { matchesFlow } from '../model/selector.js';
import { Listeners } from './listeners.js';
import { overlapRule } from './overlaps.js';
import { statedRule } from './stated-rule.js';

export interface LintOptions {
  /** Ports that browsers refuse by the Fetch standard, but the documents do not list, count too. */
  readonly extendedBrowserPorts: boolean;
  /** Selects rules as it selects flows, by `RULE` or `SCENARIO/RULE`; empty selects all. */
  readonly flow: readonly string[];
  readonly waivers: readonly Waiver[];
  /** `2027-05-31` */
  readonly today: string;
}

/**
 * Holds an inventory to the rules of its documents, without a packet: one row for each rule that a scenario states, in
 * order, then one for each two scenarios that have something listening on one host.
 */
export function lintSite(
  scenarios: readonly BoundScenario[],
  members: ReadonlyMap<string, Member>,
  { extendedBrowserPorts, flow, waivers, today }: LintOptions,
): readonly ReportCheck[] {
  const parties = [...members.values()];
  const waiving = { waivers, today };
  const linted = scenarios.map((bound) => ({ bound, name: bound.name, listeners: new Listeners(bound, parties) }));
  const stated = linted.flatMap(({ bound, listeners }) =>
    bound.scenario.rules.map((rule) =>
      statedRule(bound, rule, listeners, { members: parties, extendedBrowserPorts, waiving }),
    ),
  );
  // By name, so that an overlap has one id however the scenarios of a run are ordered.
  const byName = linted.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const overlaps = byName.flatMap((first, index) =>
    byName.slice(index + 1).flatMap((second) => overlapRule(first, second, parties, waiving) ?? []),
  );
  const wanted = (row: ReportCheck) =>
    flow.length === 0 || flow.some((selector) => matchesFlow(selector, row.scenario, row.flow));
  return [...stated, ...overlaps].filter(wanted);
}
