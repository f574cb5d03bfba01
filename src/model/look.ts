import type { PortSet } from './port-set.js';
import type { ListenSocket, RouteAnswer, Try } from './second-look.js';
import type { Vantage } from './vantage.js';

// One question to a logged-in node for the second look, and its answer.

/** One connect that a node is asked for. */
export interface LookTry {
  /** Names the try in the answer. */
  readonly id: number;
  /** A literal. */
  readonly address: string;
  readonly port: number;
  /** The local port to connect from; 0 leaves the choice to the kernel. */
  readonly sourcePort: number;
  /** Packets that arrive with a lower TTL or hop limit are not let in (IP_MINTTL, IPV6_MINHOPCOUNT); 0 lets all in. */
  readonly minimumTtl: number;
}

/** What one exec asks a node. */
export interface LookQuestions {
  /** The LISTEN sockets on these ports; empty asks for none. */
  readonly listen: PortSet;
  /** Whether the kernel's counters are asked for. */
  readonly counters: boolean;
  /** The literals whose routes are asked for. */
  readonly routes: readonly string[];
  readonly tries: readonly LookTry[];
  /** Of one try. */
  readonly timeoutMs: number;
}

/** What could not be had is undefined or missing. */
export interface LookAnswers {
  readonly sockets: readonly ListenSocket[] | undefined;
  /** By their names in /proc/net/netstat and snmp. */
  readonly counters: ReadonlyMap<string, number> | undefined;
  /** By the address that was asked about. */
  readonly routes: ReadonlyMap<string, RouteAnswer>;
  /** By id; missing where it was not made. */
  readonly tries: ReadonlyMap<number, Try>;
  /** False where nothing on the node can connect for us. */
  readonly canTry: boolean;
}

/**
 * One exec. It ends within a deadline of its own, and never rejects: where the node fails or the signal is aborted, it
 * gives what has been answered so far.
 */
export type LookOnNode = (
  vantage: Pick<Vantage, 'exec'>,
  questions: LookQuestions,
  signal: AbortSignal,
) => Promise<LookAnswers>;
