import type { BareConnects, DialogueTraits } from '../model/dialogue.js';
import type { Check, NamedService, Plan } from '../model/plan.js';
import {
  countPorts,
  formatPorts,
  intersectPorts,
  noPorts,
  overlapPorts,
  type PortSet,
  subtractPorts,
  unionPorts,
} from '../model/port-set.js';
import type { Service } from '../model/service.js';
import { punishes, punishingServices } from './guard.js';

/** Ports of one target that one dialogue is to be held with. */
interface SpokenPart extends NamedService {
  /** Tried by the sweep first, and spoken to where they are open. */
  readonly sweptFirst: boolean;
  /** Needless once one of these has identified itself. */
  readonly unlessOpen: PortSet;
  /** One port that identifies itself will do. */
  readonly anyPort: boolean;
  /** The key of the service that is spoken to first: only where it has said that it is none is this one. */
  readonly after?: string;
}

export interface SpokenPorts {
  /** Ports that no sweep touches. */
  readonly unswept: PortSet;
  /** A port may be spoken to by several services, each once; by one that punishes bare connects only alone. */
  readonly parts: readonly SpokenPart[];
}

const nothing: SpokenPorts = { unswept: noPorts, parts: [] };

/**
 * Takes all checks of one source and target. First what a flow gives to a service that punishes bare connects; then the
 * rest of the guarded ports, except where a flow names another service for that very port of that target; then what has to
 * identify itself, where a flow gives its port to such a service too only once that has said that it is none.
 */
export function spokenPorts(checks: readonly Check[], plan: Plan): SpokenPorts {
  const { dialogues, guardedPorts } = plan;
  if (dialogues.length === 0) return nothing;
  const traits = new Map(dialogues.map((each) => [each.service, each]));
  const covered = checks.length === 1 ? checks[0]!.ports : unionPorts(...checks.map(({ ports }) => ports));
  const punishing = punishingServices(dialogues);
  const named = checks.flatMap((check) => servicesOf(check).map((each) => ({ ...each, check })));
  const found = new Found();
  for (const { service, ports } of named) if (punishing.has(service.name)) found.alone(service, ports);

  const spokenFor = named.filter(({ service }) => isSaidToAnswer(service, traits)).map(({ ports }) => ports);
  const guarded = subtractPorts(intersectPorts(covered, guardedPorts), unionPorts(...spokenFor));
  if (guarded.length > 0) {
    const guards = dialogues.filter(punishes);
    for (const guard of guards) found.alone(plainly(guard), intersectPorts(guarded, guard.guardedPorts));
    // Guarded because a flow names it for some other destination.
    if (guards[0] !== undefined) found.alone(plainly(guards[0]), guarded);
  }

  for (const { service, ports, check } of named) {
    const bareConnects = speaks(service, traits);
    if (check.expect === 'open' && bareConnects !== undefined) found.identify({ service, ports }, check, bareConnects);
  }
  return found.result();
}

/** What a bare connect does to the service; undefined where nothing can be said to it. */
function speaks(service: Service, traits: ReadonlyMap<string, DialogueTraits>): BareConnects | undefined {
  const dialogue = traits.get(service.name);
  return dialogue?.speaks(service.settings) ? dialogue.bareConnects(service.settings) : undefined;
}

/** Whether naming it says who answers: `tcp` alone names nobody. */
function isSaidToAnswer({ name, settings }: Service, traits: ReadonlyMap<string, DialogueTraits>): boolean {
  return traits.get(name)?.speaks(settings) ?? true;
}

/** The service as a flow without any word on it would be spoken to. */
function plainly({ service }: DialogueTraits): Service {
  return { name: service, settings: {}, key: service, label: service };
}

function servicesOf({ services, ports }: Check): readonly NamedService[] {
  return services
    .map((each) => ({ service: each.service, ports: intersectPorts(each.ports, ports) }))
    .filter((each) => each.ports.length > 0);
}

class Found {
  readonly #parts: SpokenPart[] = [];
  #alone: PortSet = noPorts;
  readonly #owners: NamedService[] = [];
  #unswept: PortSet = noPorts;

  /** Who comes first keeps the port for itself. */
  alone(service: Service, wanted: PortSet): void {
    const ports = subtractPorts(wanted, this.#alone);
    if (ports.length === 0) return;
    this.#alone = unionPorts(this.#alone, ports);
    this.#owners.push({ service, ports });
    this.#unswept = unionPorts(this.#unswept, ports);
    this.#add({ service, ports, sweptFirst: false, unlessOpen: noPorts, anyPort: false });
  }

  identify({ service, ports: wanted }: NamedService, check: Check, bareConnects: BareConnects): void {
    for (const owner of this.#owners) {
      const shared = intersectPorts(wanted, owner.ports);
      if (owner.service.key !== service.key) this.#identify({ service, ports: shared }, check, 'logged', owner.service);
    }
    this.#identify({ service, ports: subtractPorts(wanted, this.#alone) }, check, bareConnects);
  }

  #identify({ service, ports }: NamedService, check: Check, bareConnects: BareConnects, first?: Service): void {
    if (ports.length === 0) return;
    const anyPort = check.flow.flow.match.ports === 'any';
    // Where one port of many will do, to dial each would be more than a bare connect to each.
    const sweptFirst = first === undefined && (bareConnects === 'harmless' || (anyPort && countPorts(ports) > 1));
    if (!sweptFirst) this.#unswept = unionPorts(this.#unswept, ports);
    const preferred = anyPort ? intersectPorts(ports, check.prefer) : noPorts;
    const part = { service, sweptFirst, anyPort, ...(first === undefined ? {} : { after: first.key }) };
    if (preferred.length > 0) this.#add({ ...part, ports: preferred, unlessOpen: noPorts });
    const rest = subtractPorts(ports, preferred);
    if (rest.length > 0) this.#add({ ...part, ports: rest, unlessOpen: anyPort ? check.prefer : noPorts });
  }

  /** Once a port and service: what another flow asks for already is not asked for again. */
  #add(part: SpokenPart): void {
    let { ports } = part;
    for (const known of this.#parts) {
      const covers = known.service.key === part.service.key && known.unlessOpen.length === 0 && !known.anyPort;
      if (covers && overlapPorts(known.ports, ports)) ports = subtractPorts(ports, known.ports);
    }
    const again = this.#parts.some(
      (known) =>
        known.service.key === part.service.key &&
        formatPorts(known.ports) === formatPorts(ports) &&
        formatPorts(known.unlessOpen) === formatPorts(part.unlessOpen),
    );
    if (ports.length > 0 && !again) this.#parts.push({ ...part, ports });
  }

  result(): SpokenPorts {
    // What one flow wants unswept, none sweeps.
    const parts = this.#parts.map((part) =>
      part.sweptFirst && overlapPorts(part.ports, this.#unswept) ? splitUnswept(part, this.#unswept) : [part],
    );
    return { unswept: this.#unswept, parts: parts.flat() };
  }
}

function splitUnswept(part: SpokenPart, unswept: PortSet): SpokenPart[] {
  const parts = [
    { ...part, ports: intersectPorts(part.ports, unswept), sweptFirst: false },
    { ...part, ports: subtractPorts(part.ports, unswept) },
  ];
  return parts.filter(({ ports }) => ports.length > 0);
}
