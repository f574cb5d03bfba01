import { canonicalAddress } from './addresses.js';
import type { ListenerRecord, ListenItem, PortHolder } from './listening.js';
import { hasPort, intersectPorts, noPorts, overlapPorts, type PortSet, singlePort, unionPorts } from './port-set.js';

/** Ports that could not be bound, for one reason. */
export interface BoundElsewhere {
  readonly ports: PortSet;
  /** A clause: `taken by mysqld (pid 812, user mysql)`, `below 1024, and the login is not root`. */
  readonly reason: string;
}

/** What became of the ports of one address of a node. */
export interface PortsAt {
  /** Our temporary listeners wait there. */
  readonly listening: PortSet;
  /** A listener of somebody else's has them: never touched by ours. */
  readonly taken: PortSet;
  /** Nobody listens there, and we cannot either. */
  readonly barred: readonly BoundElsewhere[];
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
    ports = work(record, text);
    byAddress.set(text, ports);
  }
  return ports;
}

function work(record: ListenerRecord, address: string): PortsAt {
  const items = new Map(record.items.filter((item) => covers(item, address)).map((item) => [item.id, item]));
  const listening: PortSet[] = [];
  const taken: PortSet[] = [];
  const barred: BoundElsewhere[] = [];
  for (const { errno, item: id, ports } of record.binds) {
    const item = items.get(id);
    if (item === undefined || !item.listen) continue;
    if (errno === undefined) {
      listening.push(ports);
      continue;
    }
    const held = heldByListener(record, ports);
    taken.push(held);
    const rest = ports.flatMap(([first, last]) => without(first, last, held));
    if (rest.length > 0) barred.push({ ports: rest, reason: barredBecause(errno, record, rest) });
  }
  const up = unionPorts(...listening);
  return { listening: up, taken: unionPorts(...taken), barred };
}

/** Where nothing could be run on the node, everything that was wanted there is barred. */
export function wantedButBarred(record: ListenerRecord, ports: PortSet): BoundElsewhere {
  return { ports, reason: record.error ?? 'no listener was started' };
}

function covers({ address }: ListenItem, wanted: string): boolean {
  return address === undefined || canonicalAddress(address) === wanted;
}

function heldByListener({ holders }: ListenerRecord, ports: PortSet): PortSet {
  const held = holders.filter(({ kind, port }) => kind === 'listener' && hasPort(ports, port));
  return unionPorts(...held.map(({ port }) => singlePort(port)));
}

function without(first: number, last: number, held: PortSet): PortSet {
  const range: PortSet = [[first, last]];
  if (!overlapPorts(range, held)) return range;
  const parts: [number, number][] = [];
  let start = first;
  for (const [heldFirst, heldLast] of intersectPorts(range, held)) {
    if (heldFirst > start) parts.push([start, heldFirst - 1]);
    start = heldLast + 1;
  }
  if (start <= last) parts.push([start, last]);
  return parts;
}

function barredBecause(errno: string, record: ListenerRecord, ports: PortSet): string {
  switch (errno) {
    case 'EACCES':
    case 'EPERM': {
      const start = record.settings?.unprivilegedPortStart ?? 1024;
      const missing = record.error === undefined ? 'log in as root, or allow "sudo": true' : record.error;
      return `a port below ${start} wants root to listen on it: ${missing}`;
    }
    case 'EADDRINUSE': {
      const client = record.holders.find(({ kind, port }) => kind === 'client' && hasPort(ports, port));
      return client === undefined
        ? 'a socket that does not listen has it'
        : `it is the local end of ${holderText(client)}`;
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

/** `mysqld (pid 812, user mysql, mariadb.service)`, `a connection to 10.0.0.7:443 of curl (pid 9, user ops)`. */
export function holderText({ command, kind, otherNamespace, peer, pid, process, uid, unit, user }: PortHolder): string {
  const whose = [
    ...(pid === undefined ? [] : [`pid ${pid}`]),
    `user ${user ?? uid}`,
    ...(unit === undefined ? [] : [unit]),
    ...(otherNamespace ? ['in another network namespace'] : []),
  ].join(', ');
  const who = `${process ?? 'a process that only root may see'} (${whose})`;
  const mapped = process === undefined ? undefined : mappedTo(command);
  const mapping = mapped === undefined ? '' : `, which maps it into another network namespace, to ${mapped}`;
  return kind === 'client' ? `a connection to ${peer} of ${who}` : `${who}${mapping}`;
}

/** Where docker-proxy leads, by its own arguments: `-container-ip 172.17.0.2 -container-port 80`. */
function mappedTo(command: string | undefined): string | undefined {
  const ip = /-container-ip[= ](\S+)/.exec(command ?? '')?.[1];
  const port = /-container-port[= ](\d+)/.exec(command ?? '')?.[1];
  if (ip === undefined || port === undefined) return undefined;
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}
