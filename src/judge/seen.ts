import { canonicalAddress, isLoopback, isOwnAddress } from '../model/addresses.js';
import type { EngineName } from '../model/engine.js';
import {
  type AddressObservation,
  type Answer,
  deniesService,
  isIdentified,
  type NodeFacts,
  type Observations,
  type PhaseTimes,
  type Spoken,
  type VantageRecord,
} from '../model/observation.js';
import type { Check } from '../model/plan.js';
import {
  hasPort,
  intersectPorts,
  noPorts,
  overlapPorts,
  type PortSet,
  singlePort,
  subtractPorts,
  unionPorts,
} from '../model/port-set.js';
import { proxyTo } from '../model/proxy.js';
import type { Service } from '../model/service.js';
import { byProxy, classifyByProxy } from './by-proxy.js';
import { type Classified, classify, unprobed } from './classify.js';
import type { Evidence } from './evidence.js';
import { type Heard, heardOf } from './heard.js';
import { type Listening, listeningOn } from './listening.js';
import { OutcomeGroups } from './outcome-groups.js';
import { type ProvenDestination, provingOf } from './proving.js';

/** Ports of one address of a check that came to the same, before anything is expected of them. */
export interface Seen extends Classified {
  /** The literal; undefined where the target never became one. */
  readonly address: string | undefined;
  /** The address that the source used, where it is known. */
  readonly sourceAddress?: string | undefined;
  readonly ports: PortSet;
  /** What the destination's LISTEN table says; undefined where it says nothing certain. */
  readonly listening: boolean | undefined;
  /** Of dialogues: of the one whose service took longest to speak. */
  readonly phases: PhaseTimes | undefined;
}

/** Written out rather than spread: it is made a million times, and objects of one shape are made fast. */
function seenAs(
  { identified, listened, note, outcome, problem, reason, sender, untried, warning }: Classified,
  { address, sourceAddress }: { readonly address?: string; readonly sourceAddress?: string | undefined },
  ports: PortSet,
  listening: boolean | undefined,
  phases?: PhaseTimes,
): Seen {
  return {
    outcome,
    reason,
    sender,
    untried,
    identified,
    listened,
    note,
    warning,
    problem,
    address,
    sourceAddress,
    ports,
    listening,
    phases,
  };
}

/** What was seen of a check, address by address; one list where there was no address at all. */
export type SeenByAddress = readonly (readonly Seen[])[];

/** Everything that was seen of the checks of one source; those that could not be tested at all share one object. */
export function seenBySource(
  checks: readonly Check[],
  observations: Observations,
  evidence: Evidence,
): readonly SeenByAddress[] {
  const known = new Map<PortSet, SeenByAddress>();
  const untested = (ports: PortSet, make: () => SeenByAddress): SeenByAddress => {
    let seen = known.get(ports);
    if (seen === undefined) {
      seen = make();
      known.set(ports, seen);
    }
    return seen;
  };
  return checks.map((check) => seenOf(check, observations, evidence, untested));
}

function seenOf(
  check: Check,
  observations: Observations,
  evidence: Evidence,
  untested: (ports: PortSet, make: () => SeenByAddress) => SeenByAddress,
): SeenByAddress {
  const source = observations.vantages.get(check.from.name);
  const target = observations.targets.get(check.from.name)?.get(check.target);
  const nowhere = (classified: Classified) => [[seenAs(classified, {}, check.ports, undefined)]];
  const via = proxyTo(check.to);
  if (target?.nameFailure !== undefined) {
    const failure: Classified = { outcome: 'name-failure', reason: target.nameFailure };
    return nowhere(via === undefined ? failure : byProxy(via.authority, { ...failure, problem: 'proxy' }));
  }
  if (target === undefined || target.addresses.length === 0) {
    const because = unprobedBecause(source, observations.interrupted);
    // Ports that somebody else has are left alone, and may be all that this source was to ask of that host.
    const leftAlone = because.untried === 'engine-failed' ? provingOf(check, observations, evidence.phase) : undefined;
    if (leftAlone === undefined) return untested(check.ports, () => nowhere(because));
    return [
      leftAlone.untried(check.ports).map((each) => seenAs(each.classified ?? because, {}, each.ports, undefined)),
    ];
  }
  const destination = check.to.kind === 'host' ? observations.vantages.get(check.to.name)?.facts : undefined;
  const proving = provingOf(check, observations, evidence.phase);
  return target.addresses.map((observed) => {
    if (
      via === undefined &&
      check.flow.flow.self === false &&
      leadsHome(check, observed.address, source?.facts.addresses)
    ) {
      const own = unprobed('own-address', `${observed.address} is the source's own, an answer proves nothing`);
      return [seenAs(own, { address: observed.address }, check.ports, undefined)];
    }
    return seenOfAddress(check, observed, { source, destination, proving }, observations.interrupted, evidence);
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
  observed: AddressObservation,
  { destination, proving, source }: Ends,
  interrupted: boolean,
  evidence: Evidence,
): Seen[] {
  const { address, segments, sourceAddress, spoken } = observed;
  const groups = new OutcomeGroups();
  const contextOf = (service: Service | undefined, ports: PortSet, engine: EngineName | undefined) => ({
    address,
    sourceAddresses: source?.facts.addresses,
    engine,
    service: service?.name,
    listener: proving?.answer,
    listenerOf: proving?.listenerOf,
    // Few answers depend on it.
    get addressAnswered() {
      return evidence.answeredOtherPort(check.from.name, address, ports);
    },
  });
  const heard = heardOf(check, spoken, segments);
  // Where one port will do, the others need not say who they are once it has.
  const anyHeard = check.flow.flow.match.ports === 'any' && heard.some((each) => isIdentified(each.spoken.answer));
  const speaks = (service: Service) => check.expect === 'open' && evidence.speaks(service);
  let answered: PortSet = noPorts;
  for (const { spoken: each, service } of heard) {
    const ports = singlePort(each.port);
    answered = unionPorts(answered, ports);
    const context = contextOf(service, ports, undefined);
    const { answer, phases, via } = each;
    const classified = via === undefined ? classify(answer, context) : classifyByProxy(each, via, context);
    const stranger = service !== undefined && speaks(service) && !anyHeard && isUnasked(each, service);
    groups.add(stranger ? unasked(answer, service, interrupted) : classified, ports, phases);
  }
  for (const { answer, ports: all } of segments) {
    const ports = subtractPorts(intersectPorts(all, check.ports), answered);
    if (ports.length === 0) continue;
    answered = unionPorts(answered, ports);
    for (const part of byService(check, ports)) {
      const mute = answer.kind === 'connected' && part.service !== undefined && speaks(part.service) && !anyHeard;
      const classified = mute
        ? unidentified(interrupted)
        : classify(answer, contextOf(part.service, ports, source?.engine));
      for (const each of proving?.refine(classified, part.ports, observed, source) ?? [
        { classified, ports: part.ports },
      ])
        groups.add(each.classified, each.ports);
    }
  }
  const left = subtractPorts(check.ports, answered);
  if (left.length > 0 && !isNeedless(check, segments, heard, speaks))
    for (const each of proving?.untried(left) ?? [{ ports: left }])
      groups.add(each.classified ?? unprobedBecause(source, interrupted), each.ports);
  const listening = withOurs(listeningOn(destination, address), proving?.ours);
  return groups.all().flatMap(({ classified, ports, phases }) => {
    const seen = (part: PortSet, claim: boolean | undefined): Seen[] =>
      part.length === 0 ? [] : [seenAs(classified, { address, sourceAddress }, part, claim, phases)];
    if (listening === undefined) return seen(ports, undefined);
    const known = unionPorts(listening.yes, listening.uncertain);
    return [
      ...seen(intersectPorts(ports, listening.yes), true),
      ...seen(intersectPorts(ports, listening.uncertain), undefined),
      ...seen(subtractPorts(ports, known), false),
    ];
  });
}

/** What is known of the two ends of a check. */
interface Ends {
  readonly source: VantageRecord | undefined;
  readonly destination: NodeFacts | undefined;
  readonly proving: ProvenDestination | undefined;
}

const everyPort: PortSet = [[1, 65535]];

/** The tables of the nodes were read before our listeners were there. */
function withOurs(table: Listening | undefined, ours: PortSet | undefined): Listening | undefined {
  if (ours === undefined || ours.length === 0) return table;
  if (table === undefined) return { yes: ours, uncertain: subtractPorts(everyPort, ours) };
  return { yes: unionPorts(table.yes, ours), uncertain: subtractPorts(table.uncertain, ours) };
}

/** It connects, and nobody got to ask who answers. */
function unidentified(interrupted: boolean): Classified {
  const why = interrupted ? 'the run ended before it was asked who answers' : 'nobody asked who answers';
  return unprobed(interrupted ? 'interrupted' : 'engine-failed', `it connects, but ${why}`);
}

/** Whether a port that was to identify itself was only spoken to as another service, which is not there. */
function isUnasked({ answer, service }: Spoken, wanted: Service): boolean {
  return (
    service !== wanted.key && answer.kind === 'dialogue' && answer.outcome !== 'open' && answer.problem !== 'proxy'
  );
}

function unasked(answer: Answer, { label }: Service, interrupted: boolean): Classified {
  if (answer.kind !== 'dialogue' || deniesService(answer)) return unidentified(interrupted);
  const why = `another flow names ${answer.service} for it, which is asked first, and nothing answered`;
  return unprobed('not-asked', `it connects, but ${why}: a slow server of it would take what ${label} is asked amiss`);
}

/** A flow may lead to ports of several services: each is held to its own. */
function byService({ services }: Check, ports: PortSet): { ports: PortSet; service: Service | undefined }[] {
  if (services.length === 0) return [{ ports, service: undefined }];
  const parts: { ports: PortSet; service: Service | undefined }[] = [];
  let left = ports;
  for (const named of services) {
    parts.push({ service: named.service, ports: intersectPorts(named.ports, left) });
    left = subtractPorts(left, named.ports);
  }
  parts.push({ service: undefined, ports: left });
  return parts.filter((part) => part.ports.length > 0);
}

/** Of an any-of-ports check, what a preferred port made needless was left out on purpose. */
function isNeedless(
  check: Check,
  segments: AddressObservation['segments'],
  heard: readonly Heard[],
  speaks: (service: Service) => boolean,
): boolean {
  if (check.flow.flow.match.ports !== 'any') return false;
  if (heard.some(({ spoken }) => hasPort(check.prefer, spoken.port) && isIdentified(spoken.answer))) return true;
  // Where somebody has to identify himself, an accepted connection makes nothing needless.
  const sufficing = check.services
    .filter(({ service }) => speaks(service))
    .reduce<PortSet>((ports, each) => subtractPorts(ports, each.ports), check.prefer);
  return segments.some(
    ({ answer, ports }) =>
      (answer.kind === 'connected' && overlapPorts(ports, sufficing)) ||
      (answer.kind === 'token' && overlapPorts(ports, check.prefer)),
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
