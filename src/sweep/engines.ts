import type { EngineName } from '../model/engine.js';
import type { RemoteProgram } from '../remote-program/bootstrap.js';

/** An engine that is a program sent to the node. Another one is one more line below, and its name in `engineNames`. */
export interface ProgramEngine extends RemoteProgram {
  readonly name: EngineName;
  /** What it cannot tell apart, in words for the report, by what it says of itself in its ready line. */
  blindSpots(features: string): readonly string[];
}

const withoutQueue = [
  'cannot tell a refusal (RST) from a firewall’s ICMP port-unreachable: both are reported as refused',
  'cannot tell who sent an ICMP error, nor its type: host-prohibited, host-unreachable and no route look alike',
];

const remote = (file: string) => `src/remote/${file}`;

/** In the order in which the node tries them. */
export const programEngines: readonly ProgramEngine[] = [
  {
    name: 'python',
    files: ['node.py', 'facts.py', 'row.py', 'names.py', 'parting.py', 'sweep.py', 'portolan.py'].map(remote),
    variable: 'python_program',
    blindSpots: (features) => (features.includes('queue') ? [] : withoutQueue),
  },
  {
    name: 'perl',
    files: ['node.pl', 'facts.pl', 'parting.pl', 'portolan.pl'].map(remote),
    variable: 'perl_program',
    blindSpots: () => withoutQueue,
  },
];

/** `dial` needs no program: sshd connects for us, and tells only what it tells. */
export const dialBlindSpots: readonly string[] = [
  ...withoutQueue,
  'cannot tell why a connect failed at once, for want of a route or by the node’s own rules: it is unprobed',
  'cannot tell a connection that met itself (the node’s own port) from an open port',
  'connect times include the way to the node and back',
];

/** Of a node that could not even be asked for its addresses. */
export const noFactsBlindSpot =
  'the node’s own addresses, listeners and routes are unknown: nothing could be run on it';
