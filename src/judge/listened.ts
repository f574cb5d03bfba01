import { canonicalAddress, isOwnAddress, sameAddress } from '../model/addresses.js';
import type { Accept, ListenerRecord } from '../model/listening.js';
import type { AddressObservation, Observations, VantageRecord } from '../model/observation.js';
import { intersectPorts, noPorts, type PortSet, subtractPorts, unionPorts } from '../model/port-set.js';
import type { Classified } from './classify.js';

// What our listeners' own side says of connections to them: whom they accepted, by which address, and whether they heard
// anything.

/** Ports of a check that came to the same. */
export interface Part {
  readonly classified: Classified;
  readonly ports: PortSet;
}

/** Parts without those of no port. */
export function parts(...all: readonly Part[]): readonly Part[] {
  return all.filter(({ ports }) => ports.length > 0);
}

const hostsByAnswer = new WeakMap<ReadonlyMap<string, ListenerRecord>, ReadonlyMap<string, string>>();

/** The host whose listeners answer a word. */
export function listenerOf(listeners: ReadonlyMap<string, ListenerRecord>, answer: string): string | undefined {
  let hosts = hostsByAnswer.get(listeners);
  if (hosts === undefined) {
    hosts = new Map([...listeners.values()].map((record) => [record.answer, record.host]));
    hostsByAnswer.set(listeners, hosts);
  }
  return hosts.get(answer);
}

const numbersByVantages = new WeakMap<Observations['vantages'], ReadonlyMap<string, number>>();

/** The number that a source's token carries: its place among the hosts of the plan. */
function numberOf(host: string, vantages: Observations['vantages']): number | undefined {
  let numbers = numbersByVantages.get(vantages);
  if (numbers === undefined) {
    numbers = new Map([...vantages.keys()].map((name, number) => [name, number]));
    numbersByVantages.set(vantages, numbers);
  }
  return numbers.get(host);
}

const largeLost: Pick<Classified, 'reason' | 'problem' | 'warning'> = {
  reason: 'a large payload is lost',
  problem: 'large-lost',
  warning: 'small packets pass, full-sized ones are lost on the way',
};

/** Our listener answered: what else it says of the way there. */
export function answeredByOurs(
  classified: Classified,
  ports: PortSet,
  { address, sourceAddress }: AddressObservation,
  source: VantageRecord | undefined,
  record: ListenerRecord,
  { largeLost: lost, vantages }: Observations,
): readonly Part[] {
  if (source === undefined) return [{ classified, ports }];
  if (lost?.get(source.host)?.some((each) => sameAddress(each, address)))
    return [{ classified: { ...classified, ...largeLost }, ports }];
  const translated = translatedOf(record, source, sourceAddress, vantages);
  const elsewhere = intersectPorts(ports, portsOf(translated));
  if (elsewhere.length === 0) return [{ classified, ports }];
  const peers = [...new Set(translated.map(({ peer }) => canonicalAddress(peer)))].join(', ');
  const note = `arrives there as ${peers}: the source address is translated on the way`;
  return parts(
    { classified, ports: subtractPorts(ports, elsewhere) },
    { classified: { ...classified, note }, ports: elsewhere },
  );
}

const payloadLost: Classified = {
  outcome: 'open',
  reason: 'accepted, but our token never arrived',
  problem: 'payload-lost',
  warning:
    'our listener accepts the connection, and never hears what is said over it: a filter on the way reads the payload',
};

/** What came with the source's token, but not by an address of its own. */
function translatedOf(
  record: ListenerRecord,
  source: VantageRecord,
  sourceAddress: string | undefined,
  vantages: Observations['vantages'],
): readonly Accept[] {
  const number = numberOf(source.host, vantages);
  if (number === undefined) return [];
  return acceptsOf(record, number).filter((accept) => !isPeer(accept, source, sourceAddress));
}

const acceptsBySource = new WeakMap<ListenerRecord, ReadonlyMap<number | undefined, readonly Accept[]>>();

/** Those with the token of one source; of undefined, those without. In a mesh of 1,000 hosts each is asked for a thousand times. */
function acceptsOf(record: ListenerRecord, source: number | undefined): readonly Accept[] {
  let bySource = acceptsBySource.get(record);
  if (bySource === undefined) {
    const groups = new Map<number | undefined, Accept[]>();
    for (const accept of record.accepts) {
      const group = groups.get(accept.source);
      if (group === undefined) groups.set(accept.source, [accept]);
      else group.push(accept);
    }
    bySource = groups;
    acceptsBySource.set(record, bySource);
  }
  return bySource.get(source) ?? [];
}

/** Nothing came back over the connection. If our listener accepted it all the same, somebody reads what is said. */
export function heardNothing(
  classified: Classified,
  ports: PortSet,
  { sourceAddress }: AddressObservation,
  source: VantageRecord | undefined,
  record: ListenerRecord,
  { vantages }: Observations,
): readonly Part[] {
  const translated = source === undefined ? [] : translatedOf(record, source, sourceAddress, vantages);
  const others = new Set(translated.map(({ peer }) => peer));
  const wordless = acceptsOf(record, undefined).filter(
    (accept) => others.has(accept.peer) || isPeer(accept, source, sourceAddress),
  );
  const filtered = classified.unanswered ? intersectPorts(ports, portsOf(wordless)) : noPorts;
  return parts({ classified, ports: subtractPorts(ports, filtered) }, { classified: payloadLost, ports: filtered });
}

function portsOf(accepts: readonly Accept[]): PortSet {
  return unionPorts(...accepts.map(({ ports }) => ports));
}

/** Whether a connection came from the source by an address of its own. */
function isPeer({ peer }: Accept, source: VantageRecord | undefined, sourceAddress: string | undefined): boolean {
  return (
    (sourceAddress !== undefined && sameAddress(peer, sourceAddress)) ||
    isOwnAddress(peer, source?.facts.addresses) === true
  );
}
