import { ExpectedError } from '../model/errors.js';
import type { Member } from '../model/inventory.js';
import type { Check, ControlProbe, Plan, PlannedFlow } from '../model/plan.js';
import { countPorts, eachPort, intersectPorts, type PortSet, singlePort, unionPorts } from '../model/port-set.js';
import type { BoundScenario } from '../model/scenario.js';
import { checksByTarget } from './by-source.js';
import { controlFor } from './controls.js';
import { refuseIdleFilters, refuseUnknownFilters } from './filter-names.js';
import { guardedPortsOf } from './guard.js';
import { Oppositions } from './opposed.js';
import { isFiltered, type PlanOptions } from './options.js';
import { planFlow } from './plan-flow.js';
import { preflightItems } from './preflight.js';
import { makeSampler } from './sample.js';
import { sshdAt, sshPorts } from './ssh-ports.js';

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
  refuseUnknownFilters(filters, scenarios, everyone);
  const sampler = sample === undefined ? undefined : makeSampler(sample);
  const context = { members: everyone, phase, filters, sampler };
  const flows = scenarios.flatMap((bound) =>
    bound.scenario.flows.map((flow) => planFlow(bound, flow, context)).filter((planned) => planned !== undefined),
  );
  refuseIdleFilters(filters, flows, members);
  const guardedPorts = guardedPortsOf(scenarios, everyone, dialogues);
  return {
    scenarios,
    flows,
    ...probesOf(flows, guardedPorts),
    preflight: preflightItems(scenarios, everyone, filters),
    members: membersOf(flows, members),
    complete: !isFiltered(filters) && sample === undefined,
    guardedPorts,
    dialogues,
  };
}

/** Throws an {@link ExpectedError} where a plan has no check: a run that tries nothing must not look like one that passed. */
export function assertSomethingToProbe({ flows, complete }: Plan): void {
  if (flows.some(({ checks }) => checks.length > 0)) return;
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

/** One pass over the pairs: counts what will be probed, adds controls, and refuses opposed expectations. */
function probesOf(
  flows: readonly PlannedFlow[],
  guardedPorts: PortSet,
): Pick<Plan, 'controls' | 'probes' | 'probesBySource' | 'probesByTarget' | 'probesBySshd'> {
  const oppositions = new Oppositions();
  const controls: ControlProbe[] = [];
  const probesBySource = new Map<string, number>();
  const probesByTarget = new Map<string, number>();
  const probesBySshd = new Map<string, number>();
  const addSsh = (target: string, ports: PortSet, checks: readonly Check[]) => {
    for (const port of eachPort(ports)) add(probesBySshd, sshdAt(target, port, checks), 1);
  };
  let total = 0;
  for (const source of new Set(flows.flatMap(({ sources }) => sources))) {
    const byTarget = checksByTarget(flows, source);
    if (byTarget.size === 0) continue;
    let probes = 0;
    for (const [target, checks] of byTarget) {
      const ports = checks.length === 1 ? checks[0]!.ports : unionPorts(...checks.map((check) => check.ports));
      const number = countPorts(ports);
      probes += number;
      add(probesByTarget, target, number);
      addSsh(target, intersectPorts(ports, sshPorts(checks)), checks);
      if (checks.length > 1) oppositions.add(checks);
      const control = controlFor(checks, guardedPorts);
      if (control === undefined) continue;
      controls.push(control);
      addSsh(target, singlePort(control.port), checks);
    }
    probesBySource.set(source, probes);
    total += probes;
  }
  oppositions.refuse();
  return { controls, probes: total, probesBySource, probesByTarget, probesBySshd };
}

function add(counts: Map<string, number>, key: string, number: number): void {
  counts.set(key, (counts.get(key) ?? 0) + number);
}

function membersOf(flows: readonly PlannedFlow[], members: ReadonlyMap<string, Member>): ReadonlyMap<string, Member> {
  const named = new Set<string>();
  for (const { sources, destinations, sourcesWithoutVantage, state } of flows) {
    if (state.kind === 'skipped') continue;
    const endpoints = state.kind === 'no-vantage' ? state.endpoints : sourcesWithoutVantage;
    for (const name of [...sources, ...destinations, ...endpoints]) named.add(name);
  }
  return new Map([...members].filter(([name]) => named.has(name)));
}
