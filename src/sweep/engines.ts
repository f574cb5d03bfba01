import type { EngineName } from '../model/engine.js';
import type { RemoteProgram } from '../remote-program/bootstrap.js';
import type { BlindSpot } from './blind-spots.js';

/** A rung of the ladder. */
export interface Engine {
  readonly name: EngineName;
  /** What a node must have for it, in words for the documentation. */
  readonly needs: string;
  /** What it cannot tell apart, by what it says of itself in its ready line. */
  blindSpots(features: string): readonly BlindSpot[];
}

/** An engine that is a program sent to the node. Another one is one more line below, and its name in `engineNames`. */
export interface ProgramEngine extends Engine, RemoteProgram {
  readonly name: EngineName;
  /** Whether it says tokens to temporary listeners and reads their answers. */
  readonly asksTokens: boolean;
}

const remote = (file: string) => `src/remote/${file}`;

const withoutQueue: readonly BlindSpot[] = ['refusal-or-port-unreachable', 'icmp-type-and-sender'];

/** Sent with the first words to every node, which tries them in this order. */
export const programEngines: readonly ProgramEngine[] = [
  {
    name: 'python',
    asksTokens: true,
    files: ['node.py', 'facts.py', 'row.py', 'names.py', 'parting.py', 'sweep.py', 'asking.py', 'portolan.py'].map(
      remote,
    ),
    variable: 'python_program',
    needs: 'python 3.4 or later, `/usr/libexec/platform-python`, or python 2.7',
    blindSpots: (features) => (features.includes('queue') ? [] : withoutQueue),
  },
  {
    name: 'perl',
    asksTokens: true,
    files: ['node.pl', 'facts.pl', 'parting.pl', 'asking.pl', 'portolan.pl'].map(remote),
    variable: 'perl_program',
    needs: 'perl 5.14 or later',
    blindSpots: () => withoutQueue,
  },
];

/** `dial` needs no program: sshd connects for us, and tells only what it tells. */
export const dialEngine: Engine = {
  name: 'dial',
  needs: 'an sshd that forwards (`AllowTcpForwarding`), or Portolan on the node itself',
  blindSpots: () => [
    ...withoutQueue,
    'immediate-errors',
    'self-connect',
    'times-include-the-way-to-the-node',
    'names-need-getent',
  ],
};

/** Sent only where nothing above can work: to few nodes, and a program takes longer to read than to send. */
export const lastEngines: readonly ProgramEngine[] = [
  {
    name: 'bash',
    asksTokens: false,
    files: ['portolan.bash'].map(remote),
    variable: 'bash_program',
    needs: 'bash 4.2 or later, built with `/dev/tcp`',
    blindSpots: () => [...withoutQueue, 'no-times', 'names-need-getent'],
  },
  {
    name: 'nc',
    asksTokens: false,
    files: ['portolan-nc.sh'].map(remote),
    variable: 'nc_program',
    needs: 'OpenBSD, traditional or GNU netcat with `-z`, Ncat, or the `nc` of busybox',
    blindSpots: (features) => [
      ...withoutQueue,
      'self-connect',
      'no-times',
      'names-need-getent',
      ...(features.includes('text') ? [] : (['failures-unexplained'] as const)),
      ...(features.includes('ipv6') ? [] : (['no-ipv6'] as const)),
    ],
  },
];

/** Every rung, in the order in which they are tried. */
export const ladder: readonly Engine[] = [...programEngines, dialEngine, ...lastEngines];
