import { canonicalAddress, sameAddress } from './addresses.js';
import { holderText } from './holder-text.js';
import { causeAlone, type ListenerRecord, type ListenItem, type PortHolder } from './listening.js';
import {
  hasPort,
  intersectPorts,
  noPorts,
  type PortSet,
  portSet,
  singlePort,
  subtractPorts,
  unionPorts,
} from './port-set.js';

/** Ports that could not be bound, for one reason. */
interface BarredPorts {
  readonly ports: PortSet;
  /** A clause: `it is the local end of a connection to 10.0.0.7:443 of curl (pid 9, user ops)`. */
  readonly reason: string;
}

/** What became of the ports of one address of a node: three disjoint parts of what was to be listened on. */
export interface PortsAt {
  /** Our temporary listeners wait there. */
  readonly listening: PortSet;
  /** A listener of somebody else's has them: never touched by ours. */
  readonly taken: PortSet;
  /** Nobody listens there, and we cannot either. */
  readonly barred: readonly BarredPorts[];
}

const nothing: PortsAt = { listening: noPorts, taken: noPorts, barred: [] };
const known = new WeakMap<ListenerRecord, Map<string, PortsAt>>();

/** Of one address of a node, as the inventory or a resolver writes it. Worked out once, however many sources lead there. */
export function portsAt(record: ListenerRecord | undefined, address: string): PortsAt {
  if (record === undefined) return nothing;
  let byAddress = known.get(record);
  if (byAddress === undefined) {
    byAddress = new Map();
    known.set(record, byAddress);
  }
  const text = canonicalAddress(address);
  let ports = byAddress.get(text);
  if (ports === undefined) {
    ports = readBinds(record, text);
    byAddress.set(text, ports);
  }
  return ports;
}

function readBinds(record: ListenerRecord, address: string): PortsAt {
  const items = new Map(record.items.filter((item) => covers(item, address)).map((item) => [item.id, item]));
  const listening: PortSet[] = [];
  const taken: PortSet[] = [];
  const barred: BarredPorts[] = [];
  for (const { errno, item: id, ports } of record.binds) {
    const item = items.get(id);
    if (item === undefined || !item.listen) continue;
    if (errno === undefined) {
      listening.push(ports);
      continue;
    }
    const held = portsOf(
      record.holders.filter((holder) => holder.kind === 'listener' && isMet(holder, item)),
      ports,
    );
    taken.push(held);
    barred.push(...barredPorts(errno, subtractPorts(ports, held), record));
  }
  return { listening: unionPorts(...listening), taken: unionPorts(...taken), barred };
}

function covers({ address }: ListenItem, wanted: string): boolean {
  return address === undefined || canonicalAddress(address) === wanted;
}

/** Whether a socket is in the way of binding there: one of another address is not. */
function isMet({ address }: PortHolder, item: ListenItem): boolean {
  return item.address === undefined || address === '0.0.0.0' || address === '::' || sameAddress(address, item.address);
}

function portsOf(holders: readonly PortHolder[], among: PortSet): PortSet {
  return portSet(holders.filter(({ port }) => hasPort(among, port)).map(({ port }) => [port, port]));
}

function barredPorts(errno: string, ports: PortSet, record: ListenerRecord): readonly BarredPorts[] {
  if (ports.length === 0) return [];
  if (errno !== 'EADDRINUSE') return [{ ports, reason: barredBecause(errno, ports, record) }];
  const byReason = new Map<string, PortSet>();
  let left = ports;
  for (const client of record.holders) {
    if (client.kind !== 'client' || !hasPort(left, client.port)) continue;
    const port = singlePort(client.port);
    const reason = `it is the local end of ${holderText(client)}`;
    byReason.set(reason, unionPorts(byReason.get(reason) ?? noPorts, port));
    left = subtractPorts(left, port);
  }
  if (left.length > 0) byReason.set('a socket that does not listen has it', left);
  return [...byReason].map(([reason, some]) => ({ reason, ports: some }));
}

const usualUnprivilegedStart = 1024;

function barredBecause(errno: string, ports: PortSet, { settings, withoutRoot }: ListenerRecord): string {
  switch (errno) {
    case 'EACCES':
    case 'EPERM': {
      const start = settings?.unprivilegedPortStart ?? usualUnprivilegedStart;
      const isPrivileged = intersectPorts(ports, [[0, start - 1]]).length > 0;
      if (!isPrivileged || settings?.uid === 0) return `the node forbids to listen there (${errno})`;
      const missing = withoutRoot === undefined ? 'log in as root, or allow "sudo": true' : causeAlone(withoutRoot);
      return `a port below ${start} wants root to listen on it: ${missing}`;
    }
    case 'EMFILE':
    case 'ENFILE':
      return 'the node has too few descriptors for so many listeners';
    case 'EADDRNOTAVAIL':
      return 'the address is none of the node’s own';
    default:
      return `binding gave ${errno}`;
  }
}
