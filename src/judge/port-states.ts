import { canonicalAddress, isLoopback, sameAddress } from '../model/addresses.js';
import { holderAddress, holderText } from '../model/holder-text.js';
import type { ListenerRecord, PortHolder } from '../model/listening.js';
import type { PortOccupancy } from '../model/plan.js';
import {
  hasPort,
  intersectPorts,
  noPorts,
  type PortSet,
  singlePort,
  subtractPorts,
  unionPorts,
} from '../model/port-set.js';
import type { ReportOutcome } from '../model/report.js';
import { unprobed } from './classify.js';

/** What became of a port that has to be free, and what of a report's outcome says so. */
type JudgedState = Pick<ReportOutcome, 'outcome' | 'reason' | 'status' | 'untried'>;

/** Ports in one state. */
export interface PortsInState {
  readonly state: JudgedState;
  readonly ports: PortSet;
}

/** Where an attempt to bind was made, and what it brought. */
interface Attempt {
  readonly record: ListenerRecord;
  /** The host's address as the inventory has it. */
  readonly address: string;
  /** Whether every address was bound, since that one is a name or translated on the way. */
  readonly everywhere: boolean;
  /** Undefined: it could be bound. */
  readonly errno: string | undefined;
}

/**
 * The states of the ports of one host, as far as its listener program tried them. Every port once, in port order.
 * @param identified ports where the documented service has identified itself
 */
export function portStates(
  { host, ports }: PortOccupancy,
  record: ListenerRecord,
  identified: PortSet,
): readonly PortsInState[] {
  const groups = new Map<string, PortsInState>();
  const items = new Map(record.items.map((item) => [item.id, item]));
  let left = ports;
  const add = (some: PortSet, state: JudgedState) => {
    if (some.length === 0) return;
    const key = JSON.stringify(state);
    groups.set(key, { state, ports: unionPorts(groups.get(key)?.ports ?? noPorts, some) });
    left = subtractPorts(left, some);
  };
  for (const { errno, item, ports: bound } of record.binds) {
    const bindAddress = items.get(item)?.address;
    if (bindAddress !== undefined && canonicalAddress(bindAddress) !== canonicalAddress(host.address)) continue;
    const tried = intersectPorts(left, bound);
    if (tried.length === 0) continue;
    const attempt = { record, address: host.address, everywhere: bindAddress === undefined, errno };
    const seen = new Set(record.holders.map(({ port }) => port).filter((port) => hasPort(tried, port)));
    for (const port of seen) add(singlePort(port), stateOf(port, attempt, hasPort(identified, port)));
    add(intersectPorts(left, tried), unheldState(attempt));
  }
  add(left, untold);
  return [...groups.values()].sort((a, b) => a.ports[0]![0] - b.ports[0]![0]);
}

const untold = failed(unprobed('engine-failed', 'the node said nothing of these ports'));

/** Of a port that some socket of the node has, be it in the way or beside. */
function stateOf(port: number, attempt: Attempt, isIdentified: boolean): JudgedState {
  const { errno, record } = attempt;
  const holders = record.holders.filter((holder) => holder.port === port);
  const listeners = holders.filter(({ kind }) => kind === 'listener');
  if (errno === undefined) return listeners.length === 0 ? unheldState(attempt) : takenBeside(listeners, attempt);
  if (!saysWhoHolds(errno)) return unheldState(attempt);
  const listener = listeners.find((holder) => isInTheWay(holder, attempt));
  if (listener !== undefined && isIdentified)
    return {
      outcome: 'in-use',
      reason: `the documented service identified itself there: ${holderText(listener)}`,
      status: 'warn',
    };
  if (listener !== undefined) return { outcome: 'in-use', reason: holderText(listener), status: 'fail' };
  const client = holders.find(({ kind }) => kind === 'client');
  if (client !== undefined) return { outcome: 'held-by-client', reason: holderText(client), status: 'fail' };
  // Whoever listens beside did not keep this very address from being bound: somebody unseen did.
  if (errno === 'EADDRINUSE' && !attempt.everywhere) return unheldState(attempt);
  return takenBeside(listeners, attempt);
}

/** Whether a bind failed for a reason beside which the tables of sockets are worth reading. */
function saysWhoHolds(errno: string): boolean {
  return errno === 'EADDRINUSE' || errno === 'EACCES' || errno === 'EPERM';
}

/** Where the address that others use is not known to the node, any that they can reach may be it. */
function isInTheWay({ address }: PortHolder, { address: wanted, everywhere }: Attempt): boolean {
  if (address === '0.0.0.0' || address === '::' || sameAddress(address, wanted)) return true;
  return everywhere && !isLoopback(address);
}

function takenBeside(listeners: readonly PortHolder[], { address }: Attempt): JudgedState {
  const isOtherFamily = listeners.every((holder) => holder.address.includes(':') !== address.includes(':'));
  const where = isOtherFamily ? (address.includes(':') ? 'IPv4' : 'IPv6') : 'another address';
  const who = listeners.map((holder) => `${holderAddress(holder)}, by ${holderText(holder)}`).join('; ');
  return { outcome: 'free', reason: `taken on ${where}: ${who}`, status: 'warn' };
}

/** Where no socket is to be seen. */
function unheldState({ errno, record: { settings } }: Attempt): JudgedState {
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
      return { outcome: 'in-use', reason: 'a socket that does not listen', status: 'fail' };
    case 'EADDRNOTAVAIL':
      return failed(unprobed('engine-failed', 'the address is none of the node’s own'));
    case 'EMFILE':
    case 'ENFILE':
      return failed(unprobed('out-of-sockets', errno));
    default:
      return failed(unprobed('engine-failed', `binding gave ${errno}`));
  }
}

function failed({ reason, untried }: ReturnType<typeof unprobed>): JudgedState {
  return { outcome: 'unprobed', reason, status: 'unknown', ...(untried === undefined ? {} : { untried }) };
}
