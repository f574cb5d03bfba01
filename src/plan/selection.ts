import type { Member } from '../model/inventory.js';
import type { Flow } from '../model/scenario.js';
import { matchesFlow, matchesMember } from '../model/selector.js';
import type { PlanFilters } from './options.js';
import { type Holders, narrowRows, type SourceRow } from './pairing.js';

/** What the filters leave of a flow's pairs. */
export interface SelectedRows {
  readonly rows: readonly SourceRow[];
  /** Destinations that the filters do not name were kept, for the sake of the group they belong to. */
  readonly widened: boolean;
}

export function wantsFlow(filters: PlanFilters, scenario: string, flow: string): boolean {
  return filters.flow.length === 0 || filters.flow.some((selector) => matchesFlow(selector, scenario, flow));
}

/**
 * Of a flow that asks for one answering host of several, a source keeps all destinations if the filter names any: judged
 * by a part of them it would fail where it ought to pass.
 */
export function selectRows(filters: PlanFilters, flow: Flow, rows: readonly SourceRow[]): SelectedRows {
  if (filters.from.length === 0 && filters.to.length === 0) return { rows, widened: false };
  const ofSource = rows.filter(({ source }) => wantsMember(filters.from, source));
  const narrowed = narrowRows(ofSource, (_, destination) => wantsMember(filters.to, destination));
  if (flow.match.hosts === 'all') return { rows: narrowed, widened: false };
  const kept = new Map(narrowed.map(({ source, destinations }) => [source, destinations.length]));
  const whole = ofSource.filter(({ source }) => kept.has(source));
  return {
    rows: whole,
    widened: whole.some(({ source, destinations }) => kept.get(source) !== destinations.length),
  };
}

/** Whether a flow without pairs is listed: where the filters name nothing else than its own ends. */
export function wantsSkipped(filters: PlanFilters, flow: Flow, { sources, destinations }: Holders): boolean {
  return wantsEnd(filters.from, flow.from, sources) && wantsEnd(filters.to, flow.to, destinations);
}

function wantsEnd(selectors: readonly string[], roles: readonly string[], holders: readonly Member[]): boolean {
  return (
    selectors.length === 0 ||
    selectors.some((selector) => roles.includes(selector) || holders.some((each) => matchesMember(selector, each)))
  );
}

function wantsMember(selectors: readonly string[], member: Member): boolean {
  return selectors.length === 0 || selectors.some((selector) => matchesMember(selector, member));
}
