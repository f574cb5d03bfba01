import { canonicalAddress, isOwnAddress } from '../model/addresses.js';
import type { Answer, NodeFacts, Observations } from '../model/observation.js';
import { noPorts, type PortSet, subtractPorts, unionPorts } from '../model/port-set.js';
import { routeKey } from './routes.js';

export type Control = 'control' | 'weak-control';

interface SourceEvidence {
  /** Ports that the address itself answered, by address. */
  readonly answered: ReadonlyMap<string, PortSet>;
  readonly facts: NodeFacts | undefined;
  /** Routes over which this source reached some other machine, by {@link routeKey}; made when first asked for. */
  routesThatWork: ReadonlySet<string> | undefined;
}

/** Who answered whom in a run: what silence is weighed against. */
export class Evidence {
  readonly #sources = new Map<string, SourceEvidence>();
  readonly #sourcesByAddress = new Map<string, string[]>();

  constructor(observations: Observations) {
    for (const [source, targets] of observations.targets) {
      const facts = observations.vantages.get(source)?.facts;
      const answered = new Map<string, PortSet>();
      for (const { addresses } of targets.values())
        for (const { address: literal, segments } of addresses) {
          const address = canonicalAddress(literal);
          const ports = segments
            .filter(({ answer }) => answersForItself(answer, address))
            .map((segment) => segment.ports);
          if (ports.length > 0) answered.set(address, unionPorts(answered.get(address) ?? noPorts, ...ports));
        }
      for (const address of answered.keys()) {
        const known = this.#sourcesByAddress.get(address);
        if (known === undefined) this.#sourcesByAddress.set(address, [source]);
        else known.push(source);
      }
      this.#sources.set(source, { answered, facts, routesThatWork: undefined });
    }
  }

  /** Whether a port of the address, other than these, answered the source. */
  answeredOtherPort(source: string, address: string, ports: PortSet): boolean {
    const answered = this.#sources.get(source)?.answered.get(canonicalAddress(address)) ?? noPorts;
    return subtractPorts(answered, ports).length > 0;
  }

  /** What shows that the silence of these ports is a denial; undefined where nothing does. */
  control(source: string, address: string, ports: PortSet, destination: string): Control | undefined {
    if (this.answeredOtherPort(source, address, ports)) return 'control';
    if (this.#answeredSomebodyElse(address, source, destination) && this.#routeWorks(source, address))
      return 'weak-control';
    return undefined;
  }

  /** The destination's own word for itself does not count: it shows no more than being logged in to it. */
  #answeredSomebodyElse(address: string, source: string, destination: string): boolean {
    const others = this.#sourcesByAddress.get(canonicalAddress(address)) ?? [];
    return others.some(
      (other) =>
        other !== source &&
        other !== destination &&
        isOwnAddress(address, this.#sources.get(other)?.facts?.addresses) !== true,
    );
  }

  #routeWorks(source: string, address: string): boolean {
    const evidence = this.#sources.get(source);
    const routes = evidence?.facts?.routes;
    if (evidence === undefined || routes === undefined) return false;
    const wanted = routeKey(routes, address);
    if (wanted === undefined) return false;
    evidence.routesThatWork ??= new Set(
      [...evidence.answered.keys()]
        // Oneself is reached over no route at all.
        .filter((reached) => isOwnAddress(reached, evidence.facts?.addresses) === false)
        .map((reached) => routeKey(routes, reached))
        .filter((key) => key !== undefined),
    );
    return evidence.routesThatWork.has(wanted);
  }
}

/** Whether it was the address itself that answered, and not a device on the way or the source's own rules. */
function answersForItself(answer: Answer, address: string): boolean {
  switch (answer.kind) {
    case 'connected':
    case 'dialogue':
      return true;
    case 'silence':
    case 'untried':
      return false;
    case 'error': {
      if (answer.icmp === undefined) return answer.errno === 'ECONNREFUSED' || answer.errno === 'ECONNRESET';
      return canonicalAddress(answer.icmp.sender) === address;
    }
  }
}
