import { canonicalAddress, isOwnAddress } from '../model/addresses.js';
import { answererOf, getsThrough } from '../model/answerer.js';
import type { AddressObservation, Answer, Observations, Segment } from '../model/observation.js';
import {
  countPorts,
  hasPort,
  noPorts,
  overlapPorts,
  type PortSet,
  singlePort,
  subtractPorts,
  unionPorts,
} from '../model/port-set.js';
import type { SecondLook } from '../model/second-look.js';

/** Where no second look has asked another port for the host key. */
const usualSshPort = 22;

/** What one source got from one address, on all the ports that it tried. */
export interface Testimony {
  /** Ports where whoever has the address answered. */
  readonly answered: PortSet;
  /** Its SSH port, where that one answered. */
  readonly answeredSsh: number | undefined;
  /** Whether several ports and the SSH port were tried, and none of them answered. */
  readonly mute: boolean;
}

/** What the observations say beside a check's own outcomes: of other ports, and of other sources. */
export class Witness {
  readonly #observations: Observations;
  #source: string | undefined;
  #seen: ReadonlyMap<string, readonly AddressObservation[]> = new Map();
  /** Of the source that was asked about last: checks come source by source. */
  readonly #testimonies = new Map<string, Testimony>();
  #others: ReadonlyMap<string, OtherSources> | undefined;

  constructor(observations: Observations) {
    this.#observations = observations;
  }

  /** What the source got from the address, on all ports. */
  of(source: string, literal: string): Testimony {
    if (source !== this.#source) {
      this.#source = source;
      this.#seen = byAddress(this.#observations, source);
      this.#testimonies.clear();
    }
    const address = canonicalAddress(literal);
    let testimony = this.#testimonies.get(address);
    if (testimony === undefined) {
      const look = this.#observations.secondLooks?.get(source)?.get(address);
      testimony = testimonyOf(address, this.#seen.get(address) ?? [], look);
      this.#testimonies.set(address, testimony);
    }
    return testimony;
  }

  /** Whether the address answered anybody but the host that has it. */
  answersSomebody(address: string): boolean {
    return this.#ofOthers(address) !== undefined;
  }

  /** Whether connections of other sources get through to every one of the ports. */
  openToOthers(address: string, ports: PortSet): boolean {
    const others = this.#ofOthers(address);
    return others !== undefined && ports.length > 0 && subtractPorts(ports, others.ports).length === 0;
  }

  /** Some of the sources whose connections get through to one of the ports. */
  othersOn(address: string, ports: PortSet): readonly string[] {
    const sources = this.#ofOthers(address)?.sources ?? [];
    return sources.filter((each) => overlapPorts(ports, each.ports)).map(({ source }) => source);
  }

  /**
   * Whether the host's own connections to that address of its own fail on one of these ports too.
   *
   * @param target as the inventory writes it
   */
  failsTowardsItself(host: string, target: string, literal: string, ports: PortSet): boolean {
    const addresses = this.#observations.targets.get(host)?.get(target)?.addresses ?? [];
    return addresses.some(
      ({ address, segments }) =>
        canonicalAddress(address) === canonicalAddress(literal) &&
        segments.some((segment) => isLost(segment.answer) && overlapPorts(segment.ports, ports)),
    );
  }

  #ofOthers(address: string): OtherSources | undefined {
    this.#others ??= allSources(this.#observations);
    return this.#others.get(canonicalAddress(address));
  }
}

/** Who gets through to an address: a few sources by name, and of all of them the ports. */
interface OtherSources {
  readonly sources: { readonly source: string; readonly ports: PortSet }[];
  ports: PortSet;
}

const mostSources = 4;

function byAddress({ targets }: Observations, source: string): ReadonlyMap<string, readonly AddressObservation[]> {
  const seen = new Map<string, AddressObservation[]>();
  for (const { addresses } of targets.get(source)?.values() ?? [])
    for (const observed of addresses) {
      const address = canonicalAddress(observed.address);
      const known = seen.get(address);
      if (known === undefined) seen.set(address, [observed]);
      else known.push(observed);
    }
  return seen;
}

/** What a proxy brings says nothing of the way from here. */
function answersOf({ segments, spoken }: AddressObservation): readonly Segment[] {
  const direct = spoken.filter(({ via }) => via === undefined);
  return [...segments, ...direct.map(({ answer, port }) => ({ answer, ports: singlePort(port) }))];
}

function answersOfLook({ hostKey, segments, tries }: SecondLook): readonly Segment[] {
  const tried = tries.flatMap(({ port, tries: each }) =>
    each.map(({ answer }) => ({ answer, ports: singlePort(port) })),
  );
  const asked = hostKey?.kind === 'not-reached' ? [{ answer: hostKey.answer, ports: singlePort(hostKey.port) }] : [];
  // Whoever gave a key, or none, has taken the connection.
  const taken: readonly Segment[] =
    hostKey === undefined || hostKey.kind === 'not-reached'
      ? []
      : [{ answer: { kind: 'connected' }, ports: singlePort(hostKey.port) }];
  return [...segments, ...tried, ...asked, ...taken];
}

function testimonyOf(address: string, seen: readonly AddressObservation[], look: SecondLook | undefined): Testimony {
  const segments = [...seen.flatMap(answersOf), ...(look === undefined ? [] : answersOfLook(look))];
  const answered: PortSet[] = [];
  const unanswered: PortSet[] = [];
  for (const { answer, ports } of segments) {
    const answerer = answererOf(answer, address);
    switch (answerer) {
      case 'itself':
        answered.push(ports);
        break;
      case 'device':
      case 'nobody':
        unanswered.push(ports);
        break;
      case 'untried':
    }
  }
  const all = answered.length === 0 ? noPorts : unionPorts(...answered);
  const none = unanswered.length === 0 ? noPorts : unionPorts(...unanswered);
  const ssh = look?.hostKey?.port ?? usualSshPort;
  return {
    answered: all,
    answeredSsh: hasPort(all, ssh) ? ssh : undefined,
    mute: all.length === 0 && hasPort(none, ssh) && countPorts(none) > 2,
  };
}

function allSources({ targets, vantages }: Observations): ReadonlyMap<string, OtherSources> {
  const others = new Map<string, OtherSources>();
  for (const [source, seen] of targets) {
    const own = vantages.get(source)?.facts.addresses;
    for (const { addresses } of seen.values())
      for (const observed of addresses) {
        const address = canonicalAddress(observed.address);
        if (isOwnAddress(address, own) === true) continue;
        const through = answersOf(observed).filter(({ answer }) => getsThrough(answer, address));
        if (through.length > 0) addSource(others, address, source, unionPorts(...through.map(({ ports }) => ports)));
      }
  }
  return others;
}

function addSource(others: Map<string, OtherSources>, address: string, source: string, ports: PortSet): void {
  const known = others.get(address);
  if (known === undefined) {
    others.set(address, { sources: [{ source, ports }], ports });
    return;
  }
  if (known.sources.length < mostSources) known.sources.push({ source, ports });
  if (subtractPorts(ports, known.ports).length > 0) known.ports = unionPorts(known.ports, ports);
}

function isLost(answer: Answer): boolean {
  return answer.kind === 'silence' || (answer.kind === 'error' && answer.errno === 'ETIMEDOUT');
}
