import { ExpectedError } from '../model/errors.js';
import type { Member } from '../model/inventory.js';
import type { NamedService } from '../model/plan.js';
import { formatPorts, intersectPorts, type PortSet, subtractPorts, unionPorts } from '../model/port-set.js';
import type { BoundScenario, Flow, FlowMatch, PortReference } from '../model/scenario.js';
import type { Service } from '../model/service.js';

/** What a flow covers at one destination. */
export interface FlowPorts {
  readonly ports: PortSet;
  readonly prefer: PortSet;
}

/** The ports of references: the listener's own override, over the site's value, over the documented default. */
export function resolvePorts(bound: BoundScenario, references: readonly PortReference[], listener?: Member): PortSet {
  const [first, ...others] = references.map((reference) => resolveReference(bound, reference, listener));
  if (first === undefined) return [];
  return others.length === 0 ? first : unionPorts(first, ...others);
}

/** True where a member's own values change what the flow covers there, or who answers. */
export function hasOwnPorts({ port, match }: Pick<Flow, 'port' | 'match'>, listener: Member): boolean {
  const { ports, services } = listener;
  return (
    ports.size + services.size > 0 &&
    [...port, ...match.exclude, ...match.prefer].some(
      (reference) => 'variable' in reference && (ports.has(reference.variable) || services.has(reference.variable)),
    )
  );
}

/** What a flow covers at a listener, or by the site's values where none is given, exclusions taken out. */
export function flowPorts(bound: BoundScenario, flow: Flow, listener?: Member): FlowPorts {
  const { match } = flow;
  const all = resolvePorts(bound, flow.port, listener);
  const ports = exclude(bound, match, all, listener);
  if (ports.length === 0) {
    const where = listener === undefined ? '' : ` at ${listener.name}`;
    throw new ExpectedError(
      `flow ${bound.name}/${flow.id} has no port left${where}: its "exclude" takes out all of ${formatPorts(all)}; ` +
        'change the port or the exclusion',
    );
  }
  return { ports, prefer: intersectPorts(ports, resolvePorts(bound, match.prefer, listener)) };
}

/** Which of a flow's ports speak which service: the flow's own for all of them, else each port variable's. */
export function namedServices(
  bound: BoundScenario,
  flow: Pick<Flow, 'match' | 'port' | 'service'>,
  listener?: Member,
): readonly NamedService[] {
  if (flow.service !== undefined) {
    return [
      { service: flow.service, ports: exclude(bound, flow.match, resolvePorts(bound, flow.port, listener), listener) },
    ];
  }
  return flow.port.flatMap((reference) => {
    const service = serviceOf(bound, reference, listener);
    if (service === undefined) return [];
    return [{ service, ports: exclude(bound, flow.match, resolveReference(bound, reference, listener), listener) }];
  });
}

/** The service that speaks on all of a flow's ports, where there is one. */
export function soleService(bound: BoundScenario, flow: Flow, listener?: Member): Service | undefined {
  if (flow.service !== undefined) return flow.service;
  const [first, ...others] = flow.port.map((reference) => serviceOf(bound, reference, listener));
  return others.every((other) => other?.key === first?.key) ? first : undefined;
}

function serviceOf(bound: BoundScenario, reference: PortReference, listener?: Member): Service | undefined {
  if (!('variable' in reference)) return undefined;
  const { variable } = reference;
  return (
    listener?.services.get(variable) ?? bound.services.get(variable) ?? bound.scenario.ports.get(variable)?.service
  );
}

function resolveReference(bound: BoundScenario, reference: PortReference, listener: Member | undefined): PortSet {
  if (!('variable' in reference)) return reference.ports;
  const { variable } = reference;
  const ports =
    listener?.ports.get(variable) ?? bound.ports.get(variable) ?? bound.scenario.ports.get(variable)?.default;
  if (ports === undefined) throw new Error(`scenario ${bound.name} declares no port "${variable}"`);
  return ports;
}

function exclude(bound: BoundScenario, match: Pick<FlowMatch, 'exclude'>, ports: PortSet, listener?: Member): PortSet {
  return match.exclude.length === 0 ? ports : subtractPorts(ports, resolvePorts(bound, match.exclude, listener));
}
