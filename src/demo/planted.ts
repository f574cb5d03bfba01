import type { Outcome, Status } from '../model/report.js';
import { type HostName, hostNames, type MemberName, type PortName } from './layout.js';

/** What is wrong with one service, on purpose. */
type FaultKind =
  | 'service-down'
  | 'wrong-address'
  | 'silence'
  | 'wrong-service'
  | 'upstream-down'
  | 'exposed'
  | 'partly-down';

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

const cranes = hostNames.filter((host) => host.startsWith('crane-'));

// Each on a port that one host alone has: all hosts share one machine, and so one LISTEN table.
export const faults: readonly Fault[] = [
  {
    kind: 'service-down',
    host: 'ledger',
    port: 'tally',
    flow: 'tally',
    from: ['office'],
    status: 'fail',
    outcome: 'refused',
    story: 'the tally service of the ledger was never started',
  },
  {
    kind: 'partly-down',
    host: 'office',
    port: 'berths',
    part: [18512, 18514],
    flow: 'berths',
    from: cranes,
    status: 'fail',
    outcome: 'refused',
    story: 'three of the twenty berths of the office are down',
  },
  {
    kind: 'wrong-address',
    host: 'lighthouse',
    port: 'foghorn',
    flow: 'foghorn',
    from: ['office'],
    status: 'fail',
    outcome: 'refused',
    story: 'the foghorn of the lighthouse listens on the loopback address alone',
  },
  {
    kind: 'silence',
    host: 'lighthouse',
    port: 'signal',
    flow: 'signal',
    from: ['office'],
    status: 'fail',
    outcome: 'timeout',
    story: 'the light signal is dropped without a word',
  },
  {
    kind: 'wrong-service',
    host: 'ledger',
    port: 'books',
    flow: 'books',
    from: ['office'],
    status: 'fail',
    outcome: 'mismatch',
    story: 'a web server answers on the port of the books, where MySQL should',
  },
  {
    kind: 'upstream-down',
    host: 'lighthouse',
    port: 'weather',
    flow: 'weather',
    from: cranes,
    status: 'fail',
    outcome: 'mismatch',
    story: 'the gateway of the lighthouse answers, but the weather service behind it is gone',
  },
  {
    kind: 'exposed',
    host: 'ledger',
    port: 'archive',
    flow: 'archive',
    from: cranes,
    status: 'fail',
    outcome: 'open',
    story: 'the archive of the ledger, which nobody else may reach, is open to all',
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
  { host: 'office', port: 'berths', local: false },
  { host: 'ledger', port: 'books', local: false },
  { host: 'ledger', port: 'tally', local: false },
  { host: 'lighthouse', port: 'signal', local: false },
  { host: 'lighthouse', port: 'foghorn', local: false },
  { host: 'lighthouse', port: 'weather', local: false },
  ...cranes.flatMap((host): Service[] => [
    { host, port: 'orders', local: false },
    { host, port: 'gauge-usual', local: false },
    { host, port: 'watchdog', local: true },
  ]),
];
