import type { Host } from '../model/inventory.js';
import type { NamedService, Plan, PortOccupancy } from '../model/plan.js';
import { noPorts, type PortSet, subtractPorts, unionPorts } from '../model/port-set.js';
import { type BoundScenario, freePortsId, type Occupancy } from '../model/scenario.js';
import { namedServices } from './flow-ports.js';

/**
 * What the documents say must be free, host by host; and where they do not say it, the ports that their flows lead to: what
 * is to be installed has to be able to listen there.
 */
export function* portOccupancies(plan: Plan): Iterable<PortOccupancy> {
  const scenarios = new Map(plan.scenarios.map((bound) => [bound.name, bound]));
  const covered = new Map<string, PortSet>();
  for (const { hosts, item, ports, scenario } of plan.preflight.occupancy)
    for (const name of hosts) {
      const host = plan.members.get(name);
      if (host?.kind !== 'host') continue;
      covered.set(name, unionPorts(covered.get(name) ?? noPorts, ports));
      yield { scenario, item, host, ports, services: servicesOf(scenarios.get(scenario)!, item, host) };
    }
  for (const { checks, flow, scenario } of plan.flows) {
    if (flow.expect !== 'open' && flow.expect !== 'reachable') continue;
    for (const { ports: all, services, to } of checks.byDestination()) {
      if (to.kind !== 'host') continue;
      const known = covered.get(to.name) ?? noPorts;
      const ports = subtractPorts(all, known);
      if (ports.length === 0) continue;
      covered.set(to.name, unionPorts(known, ports));
      const { cite, match, port, severity, when } = flow;
      const item: Occupancy = {
        id: freePortsId(flow.id),
        title: `What listens for: ${flow.title}`,
        on: flow.to,
        port,
        match: { ports: match.ports, exclude: match.exclude },
        when,
        severity,
        cite,
        remark: undefined,
      };
      yield { scenario, item, host: to, ports, services };
    }
  }
}

function servicesOf(bound: BoundScenario, { match, port }: Occupancy, host: Host): readonly NamedService[] {
  const flow = { port, service: undefined, match: { ...match, hosts: 'all', prefer: [] } } as const;
  return namedServices(bound, flow, host);
}
