import {
  type AddressObservation,
  type Answer,
  isIdentified,
  type Latency,
  type LatencyHistogram,
  type Segment,
  type Spoken,
  type TargetObservation,
} from '../model/observation.js';
import {
  intersectPorts,
  noPorts,
  type PortInterval,
  type PortSet,
  portSet,
  subtractPorts,
  unionPorts,
} from '../model/port-set.js';
import { PortUnion } from '../model/port-union.js';

interface AddressRecord {
  sourceAddress: string | undefined;
  readonly answers: Map<string, { readonly answer: Answer; readonly ports: PortUnion }>;
  readonly spoken: Spoken[];
  readonly latencies: Latency[];
}

interface TargetRecord {
  nameFailure: string | undefined;
  resolveMs: number | undefined;
  readonly addresses: Map<string, AddressRecord>;
}

/** How firmly an answer holds against another for the same port: a re-probe may turn silence into an answer. */
function firmness(answer: Answer): number {
  switch (answer.kind) {
    case 'untried':
      return 0;
    case 'silence':
      return 1;
    // A listener that was slow may answer the next time.
    case 'tokenless':
      return 3;
    case 'token':
      return 4;
    default:
      return 2;
  }
}

/** Gathers what one source saw, as it comes in, into observations by target. */
export class Collector {
  readonly #targets = new Map<string, TargetRecord>();

  /** `resolveMs`: how long the node's resolver took, where it was timed. */
  resolved(target: string, addresses: readonly string[], resolveMs?: number): void {
    this.#target(target).resolveMs ??= resolveMs;
    for (const address of addresses) this.#address(target, address);
  }

  nameFailure(target: string, detail: string): void {
    this.#target(target).nameFailure = detail;
  }

  nameFailureOf(target: string): string | undefined {
    return this.#targets.get(target)?.nameFailure;
  }

  answers(target: string, address: string, ports: PortSet, answer: Answer): void {
    const record = this.#address(target, address);
    const key = JSON.stringify(answer);
    let known = record.answers.get(key);
    if (known === undefined) {
      known = { answer, ports: new PortUnion() };
      record.answers.set(key, known);
    }
    known.ports.add(ports);
  }

  /** Takes back what was no evidence; without an answer, that the name did not resolve. */
  disbelieve(target: string, address: string | undefined, ports: PortSet, answer: Answer | undefined): void {
    if (address === undefined || answer === undefined) this.#target(target).nameFailure = undefined;
    else this.#known(target, address)?.answers.get(JSON.stringify(answer))?.ports.remove(ports);
  }

  /** What came of a dialogue. */
  spoke(target: string, address: string, spoken: Spoken): void {
    this.#address(target, address).spoken.push(spoken);
  }

  /** What a service's dialogue with a port brought; undefined where none was held. */
  answerTo(service: string, target: string, address: string, port: number): Answer | undefined {
    return this.#known(target, address)?.spoken.find((each) => each.port === port && each.service === service)?.answer;
  }

  hasSpoken(target: string, address: string, port: number): boolean {
    return this.#known(target, address)?.spoken.some((spoken) => spoken.port === port) ?? false;
  }

  resolveMs(target: string): number | undefined {
    return this.#targets.get(target)?.resolveMs;
  }

  latency(
    target: string,
    address: string,
    sourceAddress: string | undefined,
    ports: PortSet,
    histogram: LatencyHistogram,
  ): void {
    const record = this.#address(target, address);
    record.sourceAddress ??= sourceAddress;
    if (histogram.buckets.size > 0) record.latencies.push({ ports, histogram });
  }

  /** The addresses that a name yielded so far; of a literal, the literal itself once it was probed. */
  addressesOf(target: string): readonly string[] {
    return [...(this.#targets.get(target)?.addresses.keys() ?? [])];
  }

  /** The ports that a connect found open at one address of a target. */
  connectedPorts(target: string, address: string): PortSet {
    const record = this.#known(target, address);
    return record === undefined ? noPorts : connectedPortsOf(record);
  }

  /** One port of each address of a target where a listener of ours answered. */
  answeredPorts(target: string): readonly { readonly address: string; readonly port: number }[] {
    return [...(this.#targets.get(target)?.addresses ?? [])].flatMap(([address, { answers }]) => {
      for (const { answer, ports } of answers.values()) {
        const port = answer.kind === 'token' && answer.port === undefined ? ports.ports()[0]?.[0] : undefined;
        if (port !== undefined) return [{ address, port }];
      }
      return [];
    });
  }

  /** The ports of a target that are open at every address it has; what was spoken to is, where it identified itself. */
  openPorts(target: string): PortSet {
    const everywhere = [...(this.#targets.get(target)?.addresses.values() ?? [])].map(openPortsOf);
    return everywhere.length === 0 ? noPorts : everywhere.reduce(intersectPorts);
  }

  /** The ports of a target that have been silent at an address of it, and nothing else since. */
  silentPorts(target: string): PortSet {
    const silent: PortInterval[] = [];
    for (const [address, record] of this.#targets.get(target)?.addresses ?? [])
      for (const { answer, ports } of observationOf(address, record).segments)
        if (answer.kind === 'silence') silent.push(...ports);
    return portSet(silent);
  }

  observations(): Map<string, TargetObservation> {
    const observations = new Map<string, TargetObservation>();
    for (const [target, record] of this.#targets) {
      const addresses = [...record.addresses].map(([address, known]) => observationOf(address, known));
      observations.set(target, { target, nameFailure: record.nameFailure, addresses });
    }
    return observations;
  }

  #known(target: string, address: string): AddressRecord | undefined {
    return this.#targets.get(target)?.addresses.get(address);
  }

  #target(target: string): TargetRecord {
    let record = this.#targets.get(target);
    if (record === undefined) {
      record = { nameFailure: undefined, resolveMs: undefined, addresses: new Map() };
      this.#targets.set(target, record);
    }
    return record;
  }

  #address(target: string, address: string): AddressRecord {
    const { addresses } = this.#target(target);
    let record = addresses.get(address);
    if (record === undefined) {
      record = { sourceAddress: undefined, answers: new Map(), spoken: [], latencies: [] };
      addresses.set(address, record);
    }
    return record;
  }
}

function connectedPortsOf({ answers }: AddressRecord): PortSet {
  const connected: PortInterval[] = [];
  for (const { answer, ports } of answers.values())
    if (answer.kind === 'connected' || answer.kind === 'token') connected.push(...ports.ports());
  return portSet(connected);
}

function openPortsOf(record: AddressRecord): PortSet {
  const portsOf = (spoken: readonly Spoken[]) => portSet(spoken.map(({ port }) => [port, port]));
  const { spoken } = record;
  const identified = spoken.filter(({ answer }) => isIdentified(answer));
  return unionPorts(subtractPorts(connectedPortsOf(record), portsOf(spoken)), portsOf(identified));
}

function observationOf(address: string, record: AddressRecord): AddressObservation {
  const byFirmness = [...record.answers.values()].sort((a, b) => firmness(b.answer) - firmness(a.answer));
  const segments: Segment[] = [];
  let settled: PortSet = [];
  for (const { answer, ports: answered } of byFirmness) {
    const ports = subtractPorts(answered.ports(), settled);
    if (ports.length === 0) continue;
    segments.push({ ports, answer });
    settled = unionPorts(settled, ports);
  }
  segments.sort((a, b) => a.ports[0]![0] - b.ports[0]![0]);
  const { latencies, sourceAddress, spoken } = record;
  return { address, sourceAddress, segments, spoken, latencies };
}
