import { ExpectedError } from '../model/errors.js';
import type { Member } from '../model/inventory.js';
import type { Plan, PlannedFlow, PreflightItems } from '../model/plan.js';
import type { BoundScenario } from '../model/scenario.js';
import { refuseIdleFilters, refuseUnknownFilters } from './filter-names.js';
import { guardedPortsOf } from './guard.js';
import { isFiltered, type PlanOptions } from './options.js';
import { planFlow } from './plan-flow.js';
import { preflightItems } from './preflight.js';
import { countProbes } from './probe-counts.js';
import { makeSampler } from './sample.js';

/**
 * Binds every flow of the scenarios to the members that hold its roles. Pure: the same arguments give the same plan, in
 * the order of the scenarios, their flows, and the inventory. Throws an {@link ExpectedError} for filters that match
 * nothing and for flows that expect the opposite of each other.
 */
export function makePlan(
  scenarios: readonly BoundScenario[],
  members: ReadonlyMap<string, Member>,
  { phase, filters, sample, dialogues }: PlanOptions,
): Plan {
  const everyone = [...members.values()];
  refuseUnknownFilters(filters, scenarios, everyone, phase);
  const sampler = sample === undefined ? undefined : makeSampler(sample);
  const context = { members: everyone, phase, filters, sampler };
  const flows = scenarios.flatMap((bound) =>
    bound.scenario.flows.map((flow) => planFlow(bound, flow, context)).filter((planned) => planned !== undefined),
  );
  const preflight = preflightItems(scenarios, everyone, filters);
  const before = phase === 'preflight' ? preflight : { occupancy: [], rules: [] };
  refuseIdleFilters(filters, flows, before, members);
  const guardedPorts = guardedPortsOf(scenarios, everyone, dialogues);
  return {
    phase,
    scenarios,
    flows,
    ...countProbes(flows, guardedPorts),
    preflight,
    members: membersOf(flows, members, phase === 'preflight' ? preflight.occupancy : []),
    complete: !isFiltered(filters) && sample === undefined,
    guardedPorts,
    dialogues,
  };
}

/** Throws an {@link ExpectedError} where a plan has no check: a run that tries nothing must not look like one that passed. */
export function assertSomethingToProbe({ flows, complete, phase, preflight }: Plan): void {
  if (flows.some(({ checks }) => checks.length > 0)) return;
  if (phase === 'preflight' && preflight.occupancy.some(({ hosts }) => hosts.length > 0)) return;
  const reasons = flows.map(
    ({ scenario, flow, state }) =>
      `\n  ${scenario}/${flow.id}: ${state.kind === 'planned' ? 'no check' : state.reason}`,
  );
  const shown = reasons.slice(0, 10);
  if (reasons.length > shown.length) shown.push(`\n  and ${reasons.length - shown.length} more flows`);
  const remedy = complete ? 'give hosts of the inventory the roles of the scenario' : 'widen the filters';
  throw new ExpectedError(
    `nothing to probe: ${flows.length === 0 ? 'no flow is left' : 'no flow leads from a host to anything'}; ${remedy}${shown.join('')}`,
  );
}

function membersOf(
  flows: readonly PlannedFlow[],
  members: ReadonlyMap<string, Member>,
  occupancy: PreflightItems['occupancy'],
): ReadonlyMap<string, Member> {
  const named = new Set(occupancy.flatMap(({ hosts }) => hosts));
  for (const { sources, destinations, sourcesWithoutVantage, state } of flows) {
    if (state.kind === 'skipped') continue;
    const endpoints = state.kind === 'no-vantage' ? state.endpoints : sourcesWithoutVantage;
    for (const name of [...sources, ...destinations, ...endpoints]) named.add(name);
  }
  return new Map([...members].filter(([name]) => named.has(name)));
}
