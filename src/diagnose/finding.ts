import { isOwnAddress } from '../model/addresses.js';
import type { Observations } from '../model/observation.js';
import { formatPorts, hasPort, type PortSet } from '../model/port-set.js';
import type { CheckIds, StreamedFinding } from '../model/report.js';
import type { Circumstances } from './cause.js';
import { causes } from './causes.js';
import { listNames } from './names.js';
import type { Knowledge } from './symptom.js';
import type { Member, SymptomGroup } from './symptom-group.js';

/** Symptoms of one cause, and those that follow from them: they are of the finding, and are not told. */
export interface Explained {
  readonly group: SymptomGroup;
  readonly followers: SymptomGroup[];
}

/** Puts symptoms into words. */
export function findingOf(id: string, { followers, group }: Explained, knowledge: Knowledge): StreamedFinding {
  const { observations } = knowledge;
  const cause = causes[group.cause];
  const seen = circumstances(group, knowledge);
  return {
    id,
    cause: group.cause,
    summary: cause.summary(seen),
    remedy: cause.remedy(seen),
    owner: cause.owner,
    evidence: evidenceOf(group, seen, observations),
    checks: checkIds([group, ...followers]),
  };
}

/** A check that has several symptoms of one group is named once: they lie side by side. */
function checkIds(groups: readonly SymptomGroup[]): CheckIds {
  function* members(): Iterable<Member> {
    for (const group of groups) {
      let last = -1;
      for (const member of group) {
        if (member.position !== last) yield member;
        last = member.position;
      }
    }
  }
  let length = 0;
  for (const _ of members()) length++;
  return {
    length,
    *[Symbol.iterator]() {
      for (const { destination, source } of members()) yield source.idStart + destination.idEnd;
    },
  };
}

function circumstances(group: SymptomGroup, { observations, witness }: Knowledge): Circumstances {
  const { ports } = group;
  const addresses = distinct(group, ({ destination }) => destination.address);
  const destinations = distinct(group, ({ destination }) => destination.host);
  return {
    sources: distinct(group, ({ source }) => source.host),
    destinations,
    addresses,
    ports,
    proxies: distinct(group, ({ destination }) => destination.proxy || undefined),
    senders: distinct(group, ({ sight }) => sight.sender),
    reasons: distinct(group, ({ sight }) => sight.reason ?? undefined),
    get listeners() {
      return destinations.flatMap((host) => listenersOf(host, ports, observations));
    },
    flows: distinct(group, ({ source }) => source.flow),
    alive:
      distinct(group, ({ destination }) => (isAlive(destination, observations) ? undefined : 'silent')).length === 0,
    mixed: distinct(group, ({ sight }) => (sight.mixed ? 'mixed' : undefined)).length > 0,
    details: distinct(group, ({ sight }) => sight.detail || undefined),
    loginErrors: destinations.flatMap((host) => observations.vantages.get(host)?.error ?? []),
    sshPorts: every(group, ({ sight }) => sight.ssh > 0) ? distinct(group, ({ sight }) => `${sight.ssh}`) : [],
    mute: every(group, ({ sight }) => sight.mute),
    get others() {
      return [...new Set(addresses.flatMap((address) => witness.othersOn(address, ports)))];
    },
  };
}

/** Whether the host was logged in to and says that the address is its own. */
function isAlive({ address, host }: Member['destination'], { vantages }: Observations): boolean {
  const record = vantages.get(host);
  return record?.status === 'ready' && isOwnAddress(address, record.facts.addresses) === true;
}

function distinct(group: SymptomGroup, of: (member: Member) => string | undefined): readonly string[] {
  const texts = new Set<string>();
  for (const member of group) {
    const text = of(member);
    if (text !== undefined) texts.add(text);
  }
  return [...texts];
}

function every(group: SymptomGroup, holds: (member: Member) => boolean): boolean {
  for (const member of group) if (!holds(member)) return false;
  return true;
}

const mostLines = 5;
const mostListeners = 4;

/** What was seen, pair by pair, and what the destinations and other vantages say about it. */
function evidenceOf(group: SymptomGroup, seen: Circumstances, observations: Observations): string[] {
  const shown: string[] = [];
  for (let index = 0; index < Math.min(group.size, mostLines); index++) shown.push(lineOf(group.at(index), group));
  if (group.size > mostLines) shown.push(`and ${group.size - mostLines} more of the kind`);
  const silent = distinct(group, ({ sight: { outcome } }) =>
    outcome === 'timeout' || outcome === 'unreachable' ? 'silent' : undefined,
  );
  if (silent.length > 0) shown.push(...livingDestinations(seen, observations));
  return shown;
}

function lineOf({ destination, sight, source }: Member, group: SymptomGroup): string {
  const { address, host } = destination;
  const where = address === '' || address === host ? host : `${host} (${address})`;
  const reason = sight.reason === null ? '' : ` (${sight.reason})`;
  const from = source.host === host ? '' : `${source.host} → `;
  return `${from}${where} ${sight.ports || formatPorts(group.ports)}: ${sight.outcome}${reason}`;
}

/** What speaks for destinations that are silent: each by itself where they are few, else together. */
function livingDestinations({ destinations, ports }: Circumstances, observations: Observations): string[] {
  const up = destinations.filter((host) => observations.vantages.get(host)?.status === 'ready');
  const listening = destinations.filter((host) => listenersOf(host, ports, observations).length > 0);
  if (destinations.length > mostLines)
    return [
      ...(up.length > 0 ? [`${listNames(up)} are up: they were logged in to`] : []),
      ...(listening.length > 0 ? [`${listNames(listening)} listen on some of these ports`] : []),
    ];
  return destinations.flatMap((host) => {
    const listeners = listenersOf(host, ports, observations).slice(0, mostListeners);
    return [
      ...(up.includes(host) ? [`${host} is up: it was logged in to`] : []),
      ...(listeners.length > 0 ? [`${host} listens on ${listeners.join(', ')}`] : []),
    ];
  });
}

function listenersOf(host: string, ports: PortSet, observations: Observations): string[] {
  const listeners = observations.vantages.get(host)?.facts.listeners ?? [];
  const texts = listeners
    .filter(({ port }) => hasPort(ports, port))
    .map(({ address, port }) => (address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`));
  return [...new Set(texts)];
}
