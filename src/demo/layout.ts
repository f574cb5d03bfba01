import type { PortInterval } from '../model/port-set.js';

/** The ports of scenarios/demo/harbour.yaml, as the document has them. */
export const documentedPorts = {
  console: [18080, 18080],
  berths: [18500, 18519],
  orders: [18070, 18070],
  'tow-lines': [18700, 18799],
  gauge: [18600, 18604],
  'gauge-usual': [18603, 18603],
  watchdog: [18055, 18055],
  books: [18306, 18306],
  tally: [18320, 18320],
  archive: [18911, 18911],
  signal: [18090, 18090],
  foghorn: [18095, 18095],
  weather: [18097, 18097],
  clearance: [18443, 18443],
} as const satisfies Readonly<Record<string, PortInterval>>;
export type PortName = keyof typeof documentedPorts;

const sshPort = 18022;

export const hosts = {
  office: ['harbour-office'],
  'crane-1': ['crane'],
  'crane-2': ['crane'],
  'crane-3': ['crane'],
  ledger: ['bookkeeping'],
  lighthouse: ['sea-light'],
} as const;
export type HostName = keyof typeof hosts;
export const hostNames = Object.keys(hosts) as HostName[];

/** An endpoint: part of the site, and nobody can log in to it. */
export const customs = 'customs-1';
export type MemberName = HostName | typeof customs;
const members: readonly MemberName[] = [...hostNames, customs];

/** Where everything is on this machine. */
export interface Layout {
  address(member: MemberName): string;
  /** An address that others do not reach a service by. */
  readonly loopback: string;
  /** A documented port, where this member has it. */
  port(member: MemberName, documented: number): number;
  sshPort(host: HostName): number;
  /** True where every member has an address of its own, and the ports are the same everywhere. */
  readonly ownAddresses: boolean;
  /** Added to every documented port, because something else on this machine has one of them. */
  readonly shift: number;
}

/** Linux answers on all of 127.0.0.0/8: an address for each member. Not 127.0.0.x, which resolvers and Docker use. */
export function addressEach(shift: number): Layout {
  return {
    address: (member) => `127.0.7.${10 + members.indexOf(member)}`,
    loopback: '127.0.0.1',
    port: (_, documented) => documented + shift,
    sshPort: () => sshPort + shift,
    ownAddresses: true,
    shift,
  };
}

/** Elsewhere there is 127.0.0.1 alone: the members differ by their ports. */
export function addressShared(shift: number): Layout {
  const port = (member: MemberName, documented: number) => documented + shift + 1000 * members.indexOf(member);
  return {
    address: () => '127.0.0.1',
    loopback: '::1',
    port,
    sshPort: (host) => port(host, sshPort),
    ownAddresses: false,
    shift,
  };
}

/** Every port that the demo needs to itself, faults and silence included. */
export function neededPorts(layout: Layout): ReadonlySet<number> {
  const needed = new Set<number>();
  for (const member of members) {
    if (member !== customs) needed.add(layout.sshPort(member));
    for (const [first, last] of Object.values(documentedPorts))
      for (let port = first; port <= last; port++) needed.add(layout.port(member, port));
  }
  return needed;
}
