import { canonicalAddress, isOwnAddress, sameAddress } from '../model/addresses.js';
import { runningAt } from '../model/expected-process.js';
import type { Accept, ListenerRecord } from '../model/listening.js';
import type { AddressObservation, Observations, VantageRecord } from '../model/observation.js';
import type { Check, Plan } from '../model/plan.js';
import { intersectPorts, noPorts, type PortSet, subtractPorts, unionPorts } from '../model/port-set.js';
import { holderText, type PortsAt, portsAt } from '../model/ports-at.js';
import { type Classified, unprobed } from './classify.js';

/** Ports of a check that came to the same. */
interface Part {
  readonly classified: Classified;
  readonly ports: PortSet;
}

/** What temporary listeners make known of the destination of a check. */
export interface ProvenDestination {
  /** Ports where our listeners waited. */
  readonly ours: PortSet;
  /** The word that they answer. */
  readonly answer: string;
  /** The host whose listeners answer a word. */
  listenerOf(answer: string): string | undefined;
  /** What the listeners themselves say of what a source saw. */
  refine(
    classified: Classified,
    ports: PortSet,
    observed: AddressObservation,
    source: VantageRecord | undefined,
  ): readonly Part[];
  /** Why ports were left alone; without a classification where that is not the reason. */
  untried(ports: PortSet): readonly { readonly classified?: Classified; readonly ports: PortSet }[];
}

const hostsByAnswer = new WeakMap<ReadonlyMap<string, ListenerRecord>, ReadonlyMap<string, string>>();

function hostsOf(listeners: ReadonlyMap<string, ListenerRecord>): ReadonlyMap<string, string> {
  let hosts = hostsByAnswer.get(listeners);
  if (hosts === undefined) {
    hosts = new Map([...listeners.values()].map(({ answer, host }) => [answer, host]));
    hostsByAnswer.set(listeners, hosts);
  }
  return hosts;
}

const numbersByVantages = new WeakMap<Observations['vantages'], ReadonlyMap<string, number>>();

/** The number that a source's token carries: its place among the hosts of the plan. */
function numbersOf(vantages: Observations['vantages']): ReadonlyMap<string, number> {
  let numbers = numbersByVantages.get(vantages);
  if (numbers === undefined) {
    numbers = new Map([...vantages.keys()].map((host, number) => [host, number]));
    numbersByVantages.set(vantages, numbers);
  }
  return numbers;
}

/** Undefined where no listeners were part of the run, or nobody can log in to the destination. */
export function provingOf(
  check: Check,
  observations: Observations,
  phase: Plan['phase'],
): ProvenDestination | undefined {
  const { listeners } = observations;
  if (listeners === undefined || check.to.kind !== 'host') return undefined;
  const before = phase === 'preflight';
  const record = listeners.get(check.to.name) ?? (before ? absent(check.to.name, observations) : undefined);
  if (record === undefined) return undefined;
  const state = portsAt(record, check.target);
  return {
    ours: state.listening,
    answer: record.answer,
    listenerOf: (answer) => hostsOf(listeners).get(answer),
    refine(classified, ports, observed, source) {
      if (classified.listened) return [{ classified: told(classified, observed, source, record, observations), ports }];
      if (classified.problem === 'no-token')
        return heardNothing(classified, ports, observed, source, record, observations);
      if (classified.outcome === 'open' && classified.identified === undefined)
        return unasked(classified, ports, state, before);
      const unproven = before && classified.outcome === 'refused' && isPermission(check);
      return unproven ? unlistened(classified, ports, state, record) : [{ classified, ports }];
    },
    untried(ports) {
      const left = subtractPorts(
        intersectPorts(ports, state.taken),
        phase === 'check' ? state.taken : runningAt(check.services, record.holders, state.taken),
      );
      if (left.length === 0) return [{ ports }];
      const rest = subtractPorts(ports, left);
      const parts = [{ classified: leftAlone(record, left), ports: left }];
      return rest.length === 0 ? parts : [...parts, { ports: rest }];
    },
  };
}

/** Of a host that was never logged in to. */
function absent(host: string, { vantages }: Observations): ListenerRecord {
  const error = vantages.get(host)?.error ?? 'the run ended before it was logged in to';
  const nothing = { items: [], binds: [], holders: [], accepts: [] };
  return { host, answer: '', interpreter: undefined, settings: undefined, ...nothing, error };
}

function isPermission({ expect }: Check): boolean {
  return expect === 'open' || expect === 'reachable';
}

/** Our listener answered: what else it says of the way there. */
function told(
  classified: Classified,
  { address, sourceAddress }: AddressObservation,
  source: VantageRecord | undefined,
  record: ListenerRecord,
  { largeLost, vantages }: Observations,
): Classified {
  if (source === undefined) return classified;
  if (largeLost?.get(source.host)?.some((lost) => sameAddress(lost, address)))
    return {
      ...classified,
      reason: 'a large payload is lost',
      problem: 'large-lost',
      warning: 'small packets pass, full-sized ones are lost on the way',
    };
  const translated = translations(source, sourceAddress, record, vantages);
  if (translated.size === 0) return classified;
  return {
    ...classified,
    note: `arrives there as ${[...translated].join(', ')}: the source address is translated on the way`,
  };
}

/** The addresses, other than its own, by which the tokens of a source arrived. */
function translations(
  source: VantageRecord,
  sourceAddress: string | undefined,
  { accepts }: ListenerRecord,
  vantages: Observations['vantages'],
): ReadonlySet<string> {
  const number = numbersOf(vantages).get(source.host);
  return new Set(
    accepts
      .filter((accept) => accept.source !== undefined && accept.source === number)
      .map(({ peer }) => canonicalAddress(peer))
      .filter((peer) => !isSourceAddress(peer, source, sourceAddress)),
  );
}

/** What connected and was not answered by our listener, although that accepted it: then somebody reads what is said. */
function heardNothing(
  classified: Classified,
  ports: PortSet,
  { sourceAddress }: AddressObservation,
  source: VantageRecord | undefined,
  record: ListenerRecord,
  { vantages }: Observations,
): readonly Part[] {
  const others = source === undefined ? undefined : translations(source, sourceAddress, record, vantages);
  const accepted = acceptedWithoutToken(
    record.accepts,
    (peer) => others?.has(peer) === true || isSourceAddress(peer, source, sourceAddress),
  );
  const filtered = classified.unanswered ? intersectPorts(ports, accepted) : noPorts;
  const rest = subtractPorts(ports, filtered);
  return [
    ...(rest.length > 0 ? [{ classified, ports: rest }] : []),
    ...(filtered.length > 0 ? [{ classified: payloadLost, ports: filtered }] : []),
  ];
}

const answeredByAnother: Classified = {
  outcome: 'mismatch',
  reason: 'something answers, although nothing listens there',
  problem: 'no-token',
};

const payloadLost: Classified = {
  outcome: 'open',
  reason: 'accepted, but our token never arrived',
  problem: 'payload-lost',
  warning:
    'our listener accepts the connection, and never hears what is said over it: a filter on the way reads the payload',
};

function acceptedWithoutToken(accepts: readonly Accept[], isSources: (peer: string) => boolean): PortSet {
  const own = accepts.filter(({ peer, source }) => source === undefined && isSources(canonicalAddress(peer)));
  return unionPorts(...own.map(({ ports }) => ports));
}

function isSourceAddress(peer: string, source: VantageRecord | undefined, sourceAddress: string | undefined): boolean {
  return (
    (sourceAddress !== undefined && sameAddress(peer, sourceAddress)) ||
    isOwnAddress(peer, source?.facts.addresses) === true
  );
}

/**
 * It connects where our listener waits, and nobody got to say the token: that proves nothing. Where nobody listens, somebody
 * on the way answers in the host's place.
 */
function unasked(
  classified: Classified,
  ports: PortSet,
  { listening, taken }: Pick<PortsAt, 'listening' | 'taken'>,
  before: boolean,
): readonly Part[] {
  const ours = intersectPorts(ports, listening);
  const nobodys = before ? subtractPorts(ports, unionPorts(listening, taken)) : noPorts;
  const rest = subtractPorts(ports, unionPorts(ours, nobodys));
  const silent = unprobed('engine-failed', 'it connects, but nobody asked whether our listener answers');
  return [
    ...(rest.length > 0 ? [{ classified, ports: rest }] : []),
    ...(ours.length > 0 ? [{ classified: silent, ports: ours }] : []),
    ...(nobodys.length > 0 ? [{ classified: answeredByAnother, ports: nobodys }] : []),
  ];
}

/** Refused where nobody can listen for us: whether a firewall let it through cannot be told from that. */
function unlistened(
  classified: Classified,
  ports: PortSet,
  { barred, listening, taken }: PortsAt,
  record: ListenerRecord,
): readonly Part[] {
  const parts: Part[] = [];
  let left = ports;
  for (const each of barred) {
    const some = intersectPorts(left, each.ports);
    if (some.length > 0) parts.push({ classified: noListener(each.reason), ports: some });
    left = subtractPorts(left, some);
  }
  const known = intersectPorts(left, unionPorts(listening, taken));
  if (known.length > 0) parts.push({ classified, ports: known });
  const unknown = subtractPorts(left, known);
  if (unknown.length > 0) parts.push({ classified: noListener(record.error ?? 'none was started'), ports: unknown });
  return parts;
}

function noListener(why: string): Classified {
  return unprobed('no-listener', `refused, as it is where nobody listens; ${why}`);
}

function leftAlone({ holders }: ListenerRecord, ports: PortSet): Classified {
  const names = new Set(
    holders
      .filter(({ kind, port }) => kind === 'listener' && intersectPorts(ports, [[port, port]]).length > 0)
      .map(holderText),
  );
  return unprobed('port-in-use', `taken by ${[...names].slice(0, 3).join('; ')}, and left alone`);
}
