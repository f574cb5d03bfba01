import type { Waiver } from '../model/inventory.js';
import type { PlannedFlow } from '../model/plan.js';
import { countPorts, formatPorts } from '../model/port-set.js';
import type { ReportCheck, ReportOutcome } from '../model/report.js';
import { matchesFlow } from '../model/selector.js';
import { waive } from '../model/waive.js';

/** The row of a flow that has no checks: nothing documented vanishes. */
export function skippedRow(planned: PlannedFlow, reason: string): ReportCheck {
  return { ...rowWithoutHosts(planned, planned.state.kind), status: 'skipped', notes: [reason, ...planned.notes] };
}

/** The row of the sources that nobody can log in to. */
export function noVantageRow(
  planned: PlannedFlow,
  endpoints: readonly string[],
  waivers: readonly Waiver[],
  today: string,
): ReportCheck {
  const reason = `no vantage: log in from a stand-in host for ${endpoints.join(', ')}, or waive it`;
  const ends = { sources: endpoints, destinations: planned.destinations };
  return untestableRow(planned, 'no-vantage', reason, ends, waivers, today);
}

/** The row of the destinations that have no address on the flow's network. */
export function noAddressRow(planned: PlannedFlow, waivers: readonly Waiver[], today: string): ReportCheck {
  const { destinationsWithoutAddress: destinations, flow, sources } = planned;
  const reason = `no address on the network "${flow.network}": give ${destinations.join(', ')} one, or waive it`;
  return untestableRow(planned, 'no-address', reason, { sources, destinations }, waivers, today);
}

function untestableRow(
  planned: PlannedFlow,
  kind: 'no-vantage' | 'no-address',
  reason: string,
  { destinations, sources }: { readonly sources: readonly string[]; readonly destinations: readonly string[] },
  waivers: readonly Waiver[],
  today: string,
): ReportCheck {
  const { flow, ports, scenario } = planned;
  const chosen = waivers.filter(
    (waiver) =>
      matchesFlow(waiver.flow, scenario, flow.id) &&
      coversAll(waiver.from, sources, flow.from) &&
      coversAll(waiver.to, destinations, flow.to),
  );
  const { notes, status } = waive('unknown', chosen, today);
  const outcome: ReportOutcome = {
    outcome: 'unprobed',
    ports: formatPorts(ports),
    count: countPorts(ports),
    reason,
    status: 'unknown',
    untried: kind,
  };
  return {
    ...rowWithoutHosts(planned, kind),
    status,
    outcomes: [outcome],
    notes: [...notes, ...planned.notes],
  };
}

/** A row stands for all its members: a waiver for one of several does not cover it. */
function coversAll(selector: string | undefined, members: readonly string[], roles: readonly string[]): boolean {
  if (selector === undefined || (roles.length === 1 && roles[0] === selector)) return true;
  return members.length === 1 && members[0] === selector;
}

function rowWithoutHosts(planned: PlannedFlow, kind: string): ReportCheck {
  const { bound, flow, ports, scenario, state } = planned;
  return {
    id: state.kind === 'planned' ? `${scenario}/${flow.id}/${kind}` : `${scenario}/${flow.id}`,
    kind: 'path',
    scenario,
    flow: flow.id,
    title: flow.title,
    cite: flow.cite,
    from: null,
    to: null,
    fromRole: flow.from.join(', '),
    toRole: flow.to.join(', '),
    address: null,
    sourceAddress: null,
    ports: formatPorts(ports),
    protocol: 'tcp',
    service: flow.service?.name ?? serviceOfPorts(bound, flow.port),
    expect: flow.expect,
    severity: flow.severity,
    status: 'unknown',
    proof: null,
    group: null,
    outcomes: [],
    latencyMs: null,
    notes: [],
    finding: null,
  };
}

/** The service that the flow's only port names, as checks carry it. */
function serviceOfPorts(bound: PlannedFlow['bound'], ports: PlannedFlow['flow']['port']): string | null {
  const [only, ...others] = ports;
  if (only === undefined || others.length > 0 || !('variable' in only)) return null;
  return bound.scenario.ports.get(only.variable)?.service?.name ?? null;
}
