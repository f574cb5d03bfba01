import type { Outcome, Status } from '../model/report.js';
import { type HostName, hostNames, type MemberName, type PortName } from './layout.js';

/** What is wrong with one service, on purpose. */
export type FaultKind = 'service-down' | 'wrong-address' | 'silence' | 'wrong-service' | 'exposed' | 'partly-down';

/** A fault, and the checks that have to show it. Ports are the document's. */
export interface Fault {
  readonly kind: FaultKind;
  readonly host: MemberName;
  readonly port: PortName;
  /** Of a range, the part that is affected. */
  readonly part?: readonly [first: number, last: number];
  readonly flow: string;
  readonly from: readonly HostName[];
  readonly status: Status;
  readonly outcome: Outcome;
  /** What was done to it, for the person who reads the table. */
  readonly story: string;
}

export const faults: readonly Fault[] = [
  {
    kind: 'service-down',
    host: 'crane-2',
    port: 'orders',
    flow: 'orders',
    from: ['office'],
    status: 'fail',
    outcome: 'refused',
    story: 'the orders service of crane-2 was never started',
  },
  {
    kind: 'wrong-address',
    host: 'crane-3',
    port: 'orders',
    flow: 'orders',
    from: ['office'],
    status: 'fail',
    outcome: 'refused',
    story: 'that of crane-3 listens on its loopback address alone',
  },
  {
    kind: 'partly-down',
    host: 'crane-3',
    port: 'berths',
    part: [18512, 18514],
    flow: 'berths',
    from: ['crane-1', 'crane-2'],
    status: 'fail',
    outcome: 'refused',
    story: 'three of the twenty berths of crane-3 are down',
  },
  {
    kind: 'wrong-service',
    host: 'ledger',
    port: 'books',
    flow: 'books',
    from: ['office'],
    status: 'fail',
    outcome: 'mismatch',
    story: 'on the port of the ledger’s MySQL a web server answers',
  },
  {
    kind: 'exposed',
    host: 'ledger',
    port: 'archive',
    flow: 'archive',
    from: ['crane-1', 'crane-2', 'crane-3'],
    status: 'fail',
    outcome: 'open',
    story: 'the archive of the ledger, which nobody else may reach, is open to all',
  },
  {
    kind: 'silence',
    host: 'lighthouse',
    port: 'signal',
    flow: 'signal',
    from: ['office'],
    status: 'fail',
    outcome: 'timeout',
    story: 'the lighthouse drops what it is sent, without a word',
  },
  {
    kind: 'service-down',
    host: 'customs-1',
    port: 'clearance',
    flow: 'clearance',
    from: ['office'],
    status: 'waived',
    outcome: 'refused',
    story: 'customs is closed, which the inventory waives',
  },
];

/** Flows that the report lists without a host, because nobody holds a role of theirs. */
export const skippedFlows: readonly string[] = ['pilotage'];

const cranes = hostNames.filter((host) => host.startsWith('crane-'));

/** A service of a site without faults. `local`: on the loopback address, for its own host. */
export interface Service {
  readonly host: HostName;
  readonly port: PortName;
  readonly local: boolean;
}

export const services: readonly Service[] = [
  { host: 'office', port: 'console', local: false },
  { host: 'office', port: 'archive', local: true },
  { host: 'ledger', port: 'archive', local: true },
  { host: 'ledger', port: 'books', local: false },
  { host: 'lighthouse', port: 'signal', local: false },
  ...cranes.flatMap((host): Service[] => [
    { host, port: 'orders', local: false },
    { host, port: 'berths', local: false },
    { host, port: 'gauge-usual', local: false },
    { host, port: 'watchdog', local: true },
  ]),
];
