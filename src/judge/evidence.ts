import { canonicalAddress, isOwnAddress } from '../model/addresses.js';
import { answererOf } from '../model/answerer.js';
import type { DialogueTraits } from '../model/dialogue.js';
import type { NodeFacts, Observations, TargetObservation } from '../model/observation.js';
import type { Plan } from '../model/plan.js';
import { noPorts, type PortSet, singlePort, subtractPorts, unionPorts } from '../model/port-set.js';
import { proxiedPorts } from '../model/proxied-ports.js';
import type { Service } from '../model/service.js';
import { routeKey } from './routes.js';

export type Control = 'control' | 'weak-control';

/** Who answered whom in a run: what silence is weighed against. Made as far as it is asked for, a source at a time. */
export class Evidence {
  /** Before the installation or after it. */
  readonly phase: Plan['phase'];
  readonly #observations: Observations;
  readonly #dialogues: ReadonlyMap<string, DialogueTraits>;
  /** Of the source that was asked about last: checks come source by source. */
  #answered: { readonly source: string; readonly ports: ReadonlyMap<string, PortSet> } | undefined;
  #sourcesByAddress: ReadonlyMap<string, readonly string[]> | undefined;
  /** Routes over which a source reached some other machine, by {@link routeKey}. */
  readonly #routesThatWork = new Map<string, ReadonlySet<string>>();

  constructor(observations: Observations, { dialogues, phase }: Pick<Plan, 'dialogues' | 'phase'>) {
    this.phase = phase;
    this.#observations = observations;
    this.#dialogues = new Map(dialogues.map((each) => [each.service, each]));
  }

  /** Whether a dialogue is held with it, so that a connection alone is no proof of it. */
  speaks({ name, settings }: Service): boolean {
    return this.#dialogues.get(name)?.speaks(settings) ?? false;
  }

  /** Whether a port of the address, other than these, answered the source. */
  answeredOtherPort(source: string, address: string, ports: PortSet): boolean {
    const answered = this.#answeredBy(source).get(canonicalAddress(address)) ?? noPorts;
    return subtractPorts(answered, ports).length > 0;
  }

  /** What shows that the silence of these ports is a denial; undefined where nothing does. */
  control(source: string, address: string, ports: PortSet, destination: string): Control | undefined {
    if (this.answeredOtherPort(source, address, unionPorts(ports, proxiedPorts))) return 'control';
    if (this.#answeredSomebodyElse(address, source, destination) && this.#routeWorks(source, address))
      return 'weak-control';
    return undefined;
  }

  /** The destination's own word for itself does not count: it shows no more than being logged in to it. */
  #answeredSomebodyElse(address: string, source: string, destination: string): boolean {
    this.#sourcesByAddress ??= this.#allSources();
    const others = this.#sourcesByAddress.get(canonicalAddress(address)) ?? [];
    return others.some(
      (other) =>
        other !== source && other !== destination && isOwnAddress(address, this.#factsOf(other)?.addresses) !== true,
    );
  }

  #routeWorks(source: string, address: string): boolean {
    const facts = this.#factsOf(source);
    if (facts?.routes === undefined) return false;
    const { addresses, routes } = facts;
    const wanted = routeKey(routes, address);
    if (wanted === undefined) return false;
    let working = this.#routesThatWork.get(source);
    if (working === undefined) {
      working = new Set(
        [...this.#answeredBy(source).keys()]
          // Oneself is reached over no route at all.
          .filter((reached) => isOwnAddress(reached, addresses) === false)
          .map((reached) => routeKey(routes, reached))
          .filter((key) => key !== undefined),
      );
      this.#routesThatWork.set(source, working);
    }
    return working.has(wanted);
  }

  #factsOf(source: string): NodeFacts | undefined {
    return this.#observations.vantages.get(source)?.facts;
  }

  /** Ports that an address itself answered, by address. */
  #answeredBy(source: string): ReadonlyMap<string, PortSet> {
    if (this.#answered?.source !== source)
      this.#answered = { source, ports: answeredPorts(this.#observations.targets.get(source)?.values() ?? []) };
    return this.#answered.ports;
  }

  #allSources(): ReadonlyMap<string, readonly string[]> {
    const sources = new Map<string, string[]>();
    for (const [source, targets] of this.#observations.targets)
      for (const [address, ports] of answeredPorts(targets.values())) {
        if (subtractPorts(ports, proxiedPorts).length === 0) continue;
        const known = sources.get(address);
        if (known === undefined) sources.set(address, [source]);
        else known.push(source);
      }
    return sources;
  }
}

function answeredPorts(targets: Iterable<TargetObservation>): ReadonlyMap<string, PortSet> {
  const answered = new Map<string, PortSet>();
  for (const { addresses } of targets)
    for (const { address: literal, segments, spoken } of addresses) {
      const address = canonicalAddress(literal);
      const ports = segments
        .filter(({ answer }) => answererOf(answer, address) === 'itself')
        .map((segment) => segment.ports);
      // What a proxy brings says nothing of the way from here.
      for (const { answer, port, via } of spoken)
        if (via === undefined && answererOf(answer, address) === 'itself') ports.push(singlePort(port));
      if (ports.length > 0) answered.set(address, unionPorts(answered.get(address) ?? noPorts, ...ports));
    }
  return answered;
}
