import type { Member } from '../model/inventory.js';
import type { PreflightItems } from '../model/plan.js';
import { formatPorts, type PortSet, subtractPorts } from '../model/port-set.js';
import type { BoundScenario, Occupancy } from '../model/scenario.js';
import { matchesFlow, matchesMember } from '../model/selector.js';
import { resolvePorts } from './flow-ports.js';
import type { PlanFilters } from './options.js';
import { PairCondition } from './pair-condition.js';
import { holdsAny, isHost } from './pairing.js';

type OccupancyRow = PreflightItems['occupancy'][number];

/** What `portolan preflight` enforces. Hosts whose own port values differ make a row of their own. */
export function preflightItems(
  scenarios: readonly BoundScenario[],
  members: readonly Member[],
  filters: PlanFilters,
): PreflightItems {
  const wanted = (bound: BoundScenario, id: string) =>
    filters.flow.length === 0 || filters.flow.some((selector) => matchesFlow(selector, bound.name, id));
  const occupancy = scenarios.flatMap((bound) =>
    bound.scenario.occupancy
      .filter(({ id }) => wanted(bound, id))
      .flatMap((item) => occupancyRows(bound, item, members, filters)),
  );
  const rules = scenarios.flatMap((bound) =>
    bound.scenario.rules.filter(({ id }) => wanted(bound, id)).map((item) => ({ scenario: bound.name, item })),
  );
  return { occupancy, rules };
}

function occupancyRows(
  bound: BoundScenario,
  item: Occupancy,
  members: readonly Member[],
  filters: PlanFilters,
): readonly OccupancyRow[] {
  const condition = new PairCondition(bound, item.when);
  const hosts = members
    .filter((member) => isHost(member) && holdsAny(member, item.on) && condition.allows(member, member))
    .filter((host) => filters.to.length === 0 || filters.to.some((selector) => matchesMember(selector, host)));
  const portsOf = (host?: Member): PortSet =>
    subtractPorts(resolvePorts(bound, item.port, host), resolvePorts(bound, item.match.exclude, host));
  if (hosts.length === 0) {
    return filters.to.length > 0 ? [] : [{ scenario: bound.name, item, hosts: [], ports: portsOf() }];
  }
  const rows = new Map<string, { ports: PortSet; hosts: string[] }>();
  for (const host of hosts) {
    const ports = portsOf(host);
    const text = formatPorts(ports);
    const row = rows.get(text);
    if (row === undefined) rows.set(text, { ports, hosts: [host.name] });
    else row.hosts.push(host.name);
  }
  return [...rows.values()].map(({ ports, hosts }) => ({ scenario: bound.name, item, hosts, ports }));
}
