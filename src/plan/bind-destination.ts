import type { Member } from '../model/inventory.js';
import type { NamedService } from '../model/plan.js';
import { countPorts } from '../model/port-set.js';
import type { BoundScenario, Flow } from '../model/scenario.js';
import type { Service } from '../model/service.js';
import { type FlowPorts, flowPorts, hasOwnPorts, namedServices, soleService } from './flow-ports.js';
import { targetOf } from './pairing.js';
import type { Sampler } from './sample.js';

/** What the checks of a flow towards one destination have in common. */
export interface BoundDestination extends FlowPorts {
  readonly target: string;
  /** The service of all its ports, where they share one. */
  readonly service: Service | undefined;
  readonly services: readonly NamedService[];
}

/**
 * Binds a flow to its destinations, each once, so that the checks of all sources share one port set. Undefined where the
 * destination has no address on the flow's network.
 */
export class DestinationBinder {
  readonly #bound: BoundScenario;
  readonly #flow: Flow;
  readonly #sampler: Sampler | undefined;
  readonly #site: Omit<BoundDestination, 'target'>;
  readonly #known = new Map<Member, BoundDestination | undefined>();
  #unsampled = 0;
  #sampled = 0;

  constructor(bound: BoundScenario, flow: Flow, sampler: Sampler | undefined) {
    this.#bound = bound;
    this.#flow = flow;
    this.#sampler = sampler;
    this.#site = {
      ...flowPorts(bound, flow),
      service: soleService(bound, flow),
      services: namedServices(bound, flow),
    };
  }

  bind(destination: Member): BoundDestination | undefined {
    if (this.#known.has(destination)) return this.#known.get(destination);
    const binding = this.#bind(destination);
    this.#known.set(destination, binding);
    return binding;
  }

  /** What the sample did to the flow, for its notes. */
  sampleNote(): string | undefined {
    if (this.#sampler === undefined) return undefined;
    if (this.#flow.match.ports === 'any' && this.#sampler.take(this.#site.ports) !== this.#site.ports)
      return 'not sampled: one answering port will do, and a sample could miss it';
    if (this.#sampled === this.#unsampled) return undefined;
    return `sampled: ${this.#sampled} of ${this.#unsampled} ports of its destinations, by --seed ${this.#sampler.seed}`;
  }

  #bind(destination: Member): BoundDestination | undefined {
    const target = targetOf(this.#flow, destination);
    if (target === undefined) return undefined;
    const own = hasOwnPorts(this.#flow, destination);
    const bound = own ? this.#bindOwn(destination) : this.#site;
    const { ports } = bound;
    if (this.#sampler === undefined || this.#flow.match.ports === 'any') return { target, ...bound };
    const sample = this.#sampler.take(ports);
    this.#unsampled += countPorts(ports);
    this.#sampled += countPorts(sample);
    return { target, ...bound, ports: sample };
  }

  #bindOwn(destination: Member): Omit<BoundDestination, 'target'> {
    return {
      ...flowPorts(this.#bound, this.#flow, destination),
      service: soleService(this.#bound, this.#flow, destination),
      services: namedServices(this.#bound, this.#flow, destination),
    };
  }
}
