import type { Member } from '../model/inventory.js';
import { formatPorts, type PortSet, unionPorts } from '../model/port-set.js';
import type { BoundScenario, Flow, Occupancy, PortReference } from '../model/scenario.js';
import type { Service } from '../model/service.js';
import { resolvePorts } from '../plan/flow-ports.js';
import { PairCondition } from '../plan/pair-condition.js';
import { holdersOf, holdsAny } from '../plan/pairing.js';

/** What a scenario has listening on a member: a port variable of it, or ports that a flow writes down. */
export interface Listener {
  /** Undefined where the ports are written down. */
  readonly variable: string | undefined;
  /** For the reader: the variable, or `flow ID`. */
  readonly label: string;
  readonly ports: PortSet;
  /** Those of the member's roles by which it listens. */
  readonly roles: readonly string[];
  /** The keys of the services that may answer there. */
  readonly services: ReadonlySet<string>;
  /** Only one port of them is taken, whichever is free. */
  readonly choice: boolean;
  readonly cite: readonly string[];
}

/** A flow's destination or an occupancy: something that listens, where its condition holds. */
interface Item {
  readonly roles: readonly string[];
  readonly port: readonly PortReference[];
  readonly label: string;
  readonly service: Service | undefined;
  readonly choice: boolean;
  readonly cite: readonly string[];
  holdsAt(member: Member): boolean;
}

/** Who listens where by one scenario, conditions and a host's own facts weighed. */
export class Listeners {
  readonly #bound: BoundScenario;
  readonly #items: readonly Item[];
  readonly #byMember = new Map<Member, readonly Listener[]>();

  constructor(bound: BoundScenario, members: readonly Member[]) {
    this.#bound = bound;
    const { flows, occupancy } = bound.scenario;
    this.#items = [
      ...flows
        .filter(({ expect }) => expect === 'open' || expect === 'reachable')
        .map((flow) => itemOfFlow(bound, flow, members)),
      ...occupancy.map((item) => itemOfOccupancy(bound, item)),
    ];
  }

  at(member: Member): readonly Listener[] {
    const known = this.#byMember.get(member);
    if (known !== undefined) return known;
    const made = this.#listenersAt(member);
    this.#byMember.set(member, made);
    return made;
  }

  /** True where the scenario has the variable listen on one of the roles, be it under a condition. */
  places(variable: string, roles: readonly string[]): boolean {
    return this.#items.some(
      (item) =>
        item.roles.some((role) => roles.includes(role)) &&
        item.port.some((reference) => 'variable' in reference && reference.variable === variable),
    );
  }

  #listenersAt(member: Member): readonly Listener[] {
    const found = new Map<string, Listener>();
    for (const item of this.#items) {
      if (!holdsAny(member, item.roles) || !item.holdsAt(member)) continue;
      for (const reference of item.port) {
        const listener = this.#listener(item, reference, member);
        const key = listener.variable ?? `ports ${formatPorts(listener.ports)}`;
        const other = found.get(key);
        found.set(key, other === undefined ? listener : merged(other, listener));
      }
    }
    return [...found.values()];
  }

  #listener(item: Item, reference: PortReference, member: Member): Listener {
    const variable = 'variable' in reference ? reference.variable : undefined;
    const service = item.service ?? (variable === undefined ? undefined : this.#serviceOf(variable, member));
    return {
      variable,
      label: variable ?? item.label,
      ports: resolvePorts(this.#bound, [reference], member),
      roles: member.roles.filter((role) => item.roles.includes(role)),
      services: new Set(service === undefined ? [] : [service.key]),
      choice: item.choice,
      cite: item.cite,
    };
  }

  #serviceOf(variable: string, member: Member): Service | undefined {
    const { scenario, services } = this.#bound;
    return member.services.get(variable) ?? services.get(variable) ?? scenario.ports.get(variable)?.service;
  }
}

/** Two listeners of one port may be one service: a site's database is in more than one document. */
export function haveOneService(a: Pick<Listener, 'services'>, b: Pick<Listener, 'services'>): boolean {
  return [...a.services].some((key) => b.services.has(key));
}

function itemOfFlow(bound: BoundScenario, flow: Flow, members: readonly Member[]): Item {
  const condition = new PairCondition(bound, flow.when);
  const sources = flow.when === undefined ? [] : distinctByFacts(holdersOf(flow, members).sources);
  return {
    roles: flow.to,
    port: flow.port,
    label: `flow ${flow.id}`,
    service: flow.service,
    choice: flow.match.ports === 'any',
    cite: flow.cite,
    // With nobody at the other end, a condition is the listener's own affair.
    holdsAt: (member) =>
      sources.length === 0 ? condition.allows(member, member) : sources.some((from) => condition.allows(from, member)),
  };
}

/** One of all that a condition cannot tell apart: a mesh of 1,000 hosts has a million pairs. */
function distinctByFacts(sources: readonly Member[]): readonly Member[] {
  return [...new Map(sources.map((source) => [JSON.stringify([...source.facts]), source])).values()];
}

function itemOfOccupancy(bound: BoundScenario, item: Occupancy): Item {
  const condition = new PairCondition(bound, item.when);
  return {
    roles: item.on,
    port: item.port,
    label: `occupancy ${item.id}`,
    service: undefined,
    choice: item.match.ports === 'any',
    cite: item.cite,
    holdsAt: (member) => condition.allows(member, member),
  };
}

function merged(a: Listener, b: Listener): Listener {
  return {
    ...a,
    ports: unionPorts(a.ports, b.ports),
    roles: [...new Set([...a.roles, ...b.roles])],
    services: new Set([...a.services, ...b.services]),
    choice: a.choice || b.choice,
    cite: [...new Set([...a.cite, ...b.cite])],
  };
}
