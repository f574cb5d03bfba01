import { canonicalAddress, sameAddress } from '../model/addresses.js';
import { runningAt } from '../model/expected-process.js';
import type { Waiver } from '../model/inventory.js';
import type { ListenerRecord, PortHolder } from '../model/listening.js';
import type { Observations } from '../model/observation.js';
import type { PortOccupancy } from '../model/plan.js';
import {
  countPorts,
  formatPorts,
  hasPort,
  intersectPorts,
  noPorts,
  type PortSet,
  singlePort,
  subtractPorts,
  unionPorts,
} from '../model/port-set.js';
import { holderText } from '../model/ports-at.js';
import type { OutcomeStatus, ReportCheck, ReportOutcome } from '../model/report.js';
import { matchesFlow, matchesMember } from '../model/selector.js';
import { waive } from '../model/waive.js';
import { best, worst } from './verdict.js';

/** Judges the ports that have to be free before an installation: one row a document row and host. */
export function* judgePorts(
  occupancies: Iterable<PortOccupancy>,
  observations: Observations,
  { today, waivers }: { readonly waivers: readonly Waiver[]; readonly today: string },
): Iterable<ReportCheck> {
  for (const occupancy of occupancies) {
    const { host, item, ports, scenario } = occupancy;
    const outcomes = outcomesOf(occupancy, observations);
    const any = item.match.ports === 'any';
    const status = (any ? best : worst)(outcomes.map((outcome) => outcome.status));
    const mild = status === 'fail' && item.severity === 'advisory' ? 'warn' : status;
    const chosen = waivers.filter(
      (waiver) =>
        matchesFlow(waiver.flow, scenario, item.id) &&
        waiver.from === undefined &&
        (waiver.to === undefined || matchesMember(waiver.to, host)),
    );
    const waived = waive(mild, chosen, today);
    const record = observations.listeners?.get(host.name);
    yield {
      id: `${scenario}/${item.id}/${host.name}`,
      kind: 'port',
      scenario,
      flow: item.id,
      title: item.title,
      cite: item.cite,
      from: null,
      to: host.name,
      address: host.address,
      sourceAddress: null,
      ports: formatPorts(ports),
      protocol: 'tcp',
      service: null,
      expect: 'free',
      severity: item.severity,
      status: waived.status,
      proof: null,
      group: null,
      outcomes,
      latencyMs: null,
      notes: [
        ...waived.notes,
        ...(any ? ['one port of these would do'] : []),
        ...(record === undefined ? [] : ephemeralNote(record, freePorts(outcomes, ports))),
      ],
      finding: null,
    };
  }
}

function outcomesOf({ host, ports, services }: PortOccupancy, observations: Observations): ReportOutcome[] {
  const record = observations.listeners?.get(host.name);
  const vantage = observations.vantages.get(host.name);
  if (record === undefined || record.settings === undefined) {
    const noLogin = vantage === undefined || vantage.status === 'failed';
    const why = noLogin
      ? `no login: ${vantage?.error ?? 'the run ended before'}`
      : `no listener: ${record?.error ?? 'the run ended before'}`;
    const untried = observations.interrupted ? 'interrupted' : noLogin ? 'no-login' : 'no-listener';
    return [outcome('unprobed', ports, why, 'unknown', { untried })];
  }
  const groups = new Map<string, { readonly part: Omit<ReportOutcome, 'ports' | 'count'>; ports: PortSet }>();
  let left = ports;
  const add = (some: PortSet, part: Omit<ReportOutcome, 'ports' | 'count'>) => {
    if (some.length === 0) return;
    const key = JSON.stringify(part);
    groups.set(key, { part, ports: unionPorts(groups.get(key)?.ports ?? noPorts, some) });
    left = subtractPorts(left, some);
  };
  for (const { errno, ports: tried } of bindsAt(record, host.address)) {
    const some = intersectPorts(left, tried);
    if (some.length === 0) continue;
    const running = runningAt(services, record.holders, some);
    for (const port of heldPorts(record, some, host.address, errno)) {
      const one = singlePort(port);
      add(one, stateOf(port, record, host.address, errno, running));
    }
    add(intersectPorts(left, some), untouchedState(errno, record));
  }
  add(left, {
    outcome: 'unprobed',
    reason: 'the node said nothing of these ports',
    status: 'unknown',
    untried: 'engine-failed',
  });
  return [...groups.values()]
    .map(({ part, ports: some }) => ({ ...part, ports: formatPorts(some), count: countPorts(some) }))
    .map(({ outcome: word, ports: text, count, ...rest }) => ({ outcome: word, ports: text, count, ...rest }))
    .sort((a, b) => Number.parseInt(a.ports, 10) - Number.parseInt(b.ports, 10));
}

function outcome(
  word: ReportOutcome['outcome'],
  ports: PortSet,
  reason: string | null,
  status: OutcomeStatus,
  more: Pick<ReportOutcome, 'untried'>,
): ReportOutcome {
  return { outcome: word, ports: formatPorts(ports), count: countPorts(ports), reason, status, ...more };
}

/** What binding brought by the host's address, or by every address where that one is translated on the way. */
function bindsAt({ binds, items }: ListenerRecord, address: string): ListenerRecord['binds'] {
  const wanted = canonicalAddress(address);
  const relevant = new Set(
    items.filter((item) => item.address === undefined || canonicalAddress(item.address) === wanted).map(({ id }) => id),
  );
  return binds.filter(({ item }) => relevant.has(item));
}

/** Ports of which somebody has something to say: what holds them there, or beside. */
function heldPorts(
  { holders }: ListenerRecord,
  ports: PortSet,
  _address: string,
  errno: string | undefined,
): readonly number[] {
  const relevant = holders.filter(
    ({ kind, port }) => hasPort(ports, port) && (errno !== undefined || kind === 'listener'),
  );
  return [...new Set(relevant.map(({ port }) => port))].sort((a, b) => a - b);
}

type State = Omit<ReportOutcome, 'ports' | 'count'>;

function stateOf(
  port: number,
  record: ListenerRecord,
  address: string,
  errno: string | undefined,
  running: PortSet,
): State {
  const holders = record.holders.filter((holder) => holder.port === port);
  const listeners = holders.filter(({ kind }) => kind === 'listener');
  const there = listeners.filter((holder) => holdsAddress(holder, address));
  const [client] = holders.filter(({ kind }) => kind === 'client');
  if (errno === undefined || (errno !== 'EADDRINUSE' && there.length === 0)) {
    if (listeners.length === 0) return untouchedState(errno, record);
    const where = listeners.map((holder) => `${addressText(holder)}, by ${holderText(holder)}`).join('; ');
    const what = listeners.every((holder) => isOtherFamily(holder, address))
      ? `free on ${address}, but taken on IPv6: ${where}; a service that listens on both fails to start`
      : `free on ${address}, but taken on another address: ${where}; a service that listens on every address fails to start`;
    return { outcome: 'free', reason: what, status: 'warn' };
  }
  const listener = there[0] ?? listeners[0];
  if (listener !== undefined) {
    if (hasPort(running, port))
      return {
        outcome: 'in-use',
        reason: `the documented service seems to run already: ${holderText(listener)}`,
        status: 'pass',
      };
    return { outcome: 'in-use', reason: holderText(listener), status: 'fail' };
  }
  if (client !== undefined) return { outcome: 'held-by-client', reason: holderText(client), status: 'fail' };
  return untouchedState(errno, record);
}

/** Where no socket is to be seen. */
function untouchedState(errno: string | undefined, { settings }: ListenerRecord): State {
  switch (errno) {
    case undefined:
      return { outcome: 'free', reason: null, status: 'pass' };
    case 'EACCES':
    case 'EPERM':
      return {
        outcome: 'free',
        reason: `nobody listens there; not tried, since a port below ${settings?.unprivilegedPortStart ?? 1024} wants root`,
        status: 'pass',
      };
    case 'EADDRINUSE':
      return { outcome: 'in-use', reason: 'a socket that does not listen has it', status: 'fail' };
    default:
      return { outcome: 'unprobed', reason: `binding gave ${errno}`, status: 'unknown', untried: 'out-of-sockets' };
  }
}

function holdsAddress({ address }: PortHolder, wanted: string): boolean {
  return address === '0.0.0.0' || address === '::' || sameAddress(address, wanted);
}

function isOtherFamily({ address }: PortHolder, wanted: string): boolean {
  return address.includes(':') !== wanted.includes(':');
}

function addressText({ address, port }: PortHolder): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function freePorts(outcomes: readonly ReportOutcome[], ports: PortSet): PortSet {
  const others = outcomes.filter(({ outcome: word }) => word !== 'free').flatMap(({ ports: text }) => text.split(','));
  const taken = others.map((text): readonly [number, number] => {
    const [first, last = first] = text.split('-').map(Number);
    return [first!, last!];
  });
  return subtractPorts(ports, unionPorts(taken));
}

/** Free today; a client's socket may take it tomorrow. */
function ephemeralNote({ settings }: ListenerRecord, free: PortSet): string[] {
  if (settings?.ephemeralPorts === undefined) return [];
  const risky = subtractPorts(intersectPorts(free, settings.ephemeralPorts), settings.reservedPorts ?? noPorts);
  if (risky.length === 0) return [];
  return [
    `inside ip_local_port_range ${formatPorts(settings.ephemeralPorts)}, from which client sockets take their ports: ` +
      'reserve them with sysctl net.ipv4.ip_local_reserved_ports',
  ];
}
