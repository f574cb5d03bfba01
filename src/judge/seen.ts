import { canonicalAddress, isLoopback, isOwnAddress } from '../model/addresses.js';
import type { AddressObservation, NodeFacts, Observations, VantageRecord } from '../model/observation.js';
import type { Check } from '../model/plan.js';
import {
  intersectPorts,
  noPorts,
  overlapPorts,
  type PortInterval,
  type PortSet,
  portSet,
  subtractPorts,
  unionPorts,
} from '../model/port-set.js';
import type { ServiceName } from '../model/service.js';
import { type Classified, classify, unprobed } from './classify.js';
import type { Evidence } from './evidence.js';
import { listeningOn } from './listening.js';

/** Ports of one address of a check that came to the same, before anything is expected of them. */
export interface Seen extends Classified {
  /** The literal; undefined where the target never became one. */
  readonly address: string | undefined;
  /** The address that the source used, where it is known. */
  readonly sourceAddress?: string;
  readonly ports: PortSet;
  /** What the destination's LISTEN table says; undefined where it says nothing certain. */
  readonly listening: boolean | undefined;
}

/** Everything that was seen of a check, address by address; one list where there was no address at all. */
export function seenOf(check: Check, observations: Observations, evidence: Evidence): readonly (readonly Seen[])[] {
  const source = observations.vantages.get(check.from.name);
  const target = observations.targets.get(check.from.name)?.get(check.target);
  const everywhere = (classified: Classified): readonly Seen[][] => [
    [{ ...classified, address: undefined, ports: check.ports, listening: undefined }],
  ];
  if (target?.nameFailure !== undefined) return everywhere({ outcome: 'name-failure', reason: target.nameFailure });
  if (target === undefined || target.addresses.length === 0)
    return everywhere(unprobedBecause(source, observations.interrupted));
  const destination = check.to.kind === 'host' ? observations.vantages.get(check.to.name)?.facts : undefined;
  return target.addresses.map((observed) => {
    if (check.flow.flow.self === false && leadsHome(check, observed.address, source?.facts.addresses)) {
      const own = unprobed('own-address', `${observed.address} is the source's own, an answer proves nothing`);
      return [{ ...own, address: observed.address, ports: check.ports, listening: undefined }];
    }
    return seenOfAddress(check, observed, source, destination, observations.interrupted, evidence);
  });
}

/**
 * Whether the source would talk to itself. A name that leads to any loopback address does. A loopback literal that the
 * inventory itself writes is taken at its word, unless it is an interface's own: several hosts may live on one machine's
 * loopback network, as those of the demo do.
 */
function leadsHome(check: Check, address: string, own: readonly string[] | undefined): boolean {
  const asWritten = canonicalAddress(check.target) === canonicalAddress(address);
  if (asWritten && isLoopback(address)) return own?.includes(canonicalAddress(address)) ?? false;
  return isOwnAddress(address, own) === true;
}

function seenOfAddress(
  check: Check,
  { address, segments, sourceAddress }: AddressObservation,
  source: VantageRecord | undefined,
  destination: NodeFacts | undefined,
  interrupted: boolean,
  evidence: Evidence,
): Seen[] {
  const groups = new Map<string, { readonly classified: Classified; readonly intervals: PortInterval[] }>();
  const note = (classified: Classified, ports: PortSet): void => {
    const key = JSON.stringify(classified);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { classified, intervals: [...ports] });
    else known.intervals.push(...ports);
  };
  let answered: PortSet = noPorts;
  for (const { answer, ports: all } of segments) {
    const ports = subtractPorts(intersectPorts(all, check.ports), answered);
    if (ports.length === 0) continue;
    answered = unionPorts(answered, ports);
    const addressAnswered = evidence.answeredOtherPort(check.from.name, address, ports);
    const context = { address, addressAnswered, sourceAddresses: source?.facts.addresses, engine: source?.engine };
    for (const part of byService(check, ports))
      note(classify(answer, { ...context, service: part.service }), part.ports);
  }
  const left = subtractPorts(check.ports, answered);
  if (left.length > 0 && !isNeedless(check, segments)) note(unprobedBecause(source, interrupted), left);
  const listening = listeningOn(destination, address);
  const from = sourceAddress === undefined ? {} : { sourceAddress };
  return [...groups.values()].flatMap(({ classified, intervals }) => {
    const ports = portSet(intervals);
    const seen = (part: PortSet, claim: boolean | undefined): Seen[] =>
      part.length === 0 ? [] : [{ ...classified, address, ...from, ports: part, listening: claim }];
    if (listening === undefined) return seen(ports, undefined);
    const known = unionPorts(listening.yes, listening.uncertain);
    return [
      ...seen(intersectPorts(ports, listening.yes), true),
      ...seen(intersectPorts(ports, listening.uncertain), undefined),
      ...seen(subtractPorts(ports, known), false),
    ];
  });
}

/** A flow may lead to ports of several services: each is held to its own. */
function byService({ services }: Check, ports: PortSet): { ports: PortSet; service: ServiceName | undefined }[] {
  const parts: { ports: PortSet; service: ServiceName | undefined }[] = [];
  let left = ports;
  for (const named of services) {
    parts.push({ service: named.service, ports: intersectPorts(named.ports, left) });
    left = subtractPorts(left, named.ports);
  }
  parts.push({ service: undefined, ports: left });
  return parts.filter((part) => part.ports.length > 0);
}

/** Of an any-of-ports check, what a preferred port made needless was left out on purpose. */
function isNeedless(check: Check, segments: AddressObservation['segments']): boolean {
  return (
    check.flow.flow.match.ports === 'any' &&
    segments.some(
      ({ answer, ports }) =>
        overlapPorts(ports, check.prefer) &&
        (answer.kind === 'connected' || (answer.kind === 'dialogue' && answer.outcome === 'open')),
    )
  );
}

/** Why a planned probe has no answer. */
function unprobedBecause(source: VantageRecord | undefined, interrupted: boolean): Classified {
  if (source?.status === 'failed') return unprobed(interrupted ? 'interrupted' : 'no-login', source.error ?? '');
  if (source?.status === 'lost') return unprobed('connection-lost', source.error ?? '');
  if (interrupted || source === undefined) return unprobed('interrupted', 'the run ended before this was tried');
  if (source.engine === undefined) return unprobed('no-engine', source.error ?? '');
  return unprobed('engine-failed', 'no answer came back for these ports');
}
