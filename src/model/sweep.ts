import type { EngineName } from './engine.js';
import type { Answer, LatencyHistogram, NodeFacts } from './observation.js';
import type { PortSet } from './port-set.js';

export interface SweepItem {
  /** Chosen by the caller, unique within one sweep. */
  readonly id: number;
  /** A literal address, or a name that the node resolves: every address it yields is probed. */
  readonly target: string;
  /** Empty: resolve the name and connect to nothing. */
  readonly ports: PortSet;
  /** Otherwise an address that the node itself owns is `untried`, cause `own-address`. */
  readonly allowOwnAddress: boolean;
  /** Temporary listeners of this run are expected there: what connects is said the token of the limits. */
  readonly ask?: boolean;
}

/** What probes say to temporary listeners. */
export interface ProbeToken {
  /** Without its newline. */
  readonly text: string;
  /** Bytes that the token is padded to, and the answer too: a payload that needs full-sized packets. 0: not padded. */
  readonly paddedTo: number;
}

export interface SweepLimits {
  /** Connects per second; 0 lifts the limit. */
  readonly rate: number;
  /** Of one connect, in milliseconds. */
  readonly timeoutMs: number;
  /** Order of the probes; the same seed gives the same order. 0 to 2^31 - 1. */
  readonly seed: number;
  /** For the items that ask. */
  readonly token?: ProbeToken;
}

export type SweepEvent =
  | {
      readonly type: 'resolved';
      readonly item: number;
      readonly addresses: readonly string[];
      /** How long the node's resolver took, in milliseconds, where the engine timed it. */
      readonly resolveMs?: number;
    }
  | { readonly type: 'name-failure'; readonly item: number; readonly detail: string }
  | {
      readonly type: 'answers';
      readonly item: number;
      readonly address: string;
      readonly ports: PortSet;
      readonly answer: Answer;
    }
  | {
      readonly type: 'latency';
      readonly item: number;
      readonly address: string;
      readonly sourceAddress: string | undefined;
      readonly histogram: LatencyHistogram;
    }
  /**
   * This answer of these ports is no evidence: the node was being cut off when it gave it. Without an address and an answer:
   * that the name did not resolve. They are tried again, or are `untried`.
   */
  | {
      readonly type: 'unproven';
      readonly item: number;
      readonly address: string | undefined;
      readonly ports: PortSet;
      readonly answer: Answer | undefined;
    }
  /** Probes answered or given up since the last such event; retries are not counted. */
  | { readonly type: 'progress'; readonly probes: number };

/**
 * A logged-in node with its engine running: one exec, kept for the whole run. What a sweep did not get to is reported
 * as `untried` answers before `sweep` settles: it rejects only on a bug. `answers` may revise an earlier answer for the
 * same ports (a re-probed timeout): the last one holds.
 */
export interface NodeSession {
  /** Undefined where nothing can sweep from the node: every sweep is `untried`. */
  readonly engine: EngineName | undefined;
  readonly interpreter: string | undefined;
  /** What this engine cannot tell apart, in words for the report. */
  readonly blindSpots: readonly string[];
  readonly facts: NodeFacts;
  /** Whether a sweep can say a token and read its answer; elsewhere a dialogue does it where the sweep connected. */
  readonly asksTokens: boolean;
  /** What happened meanwhile that the report is to say, in sentences. */
  readonly notes?: readonly string[];
  /** Sweeps of one session run one after another. */
  sweep(
    items: readonly SweepItem[],
    limits: SweepLimits,
    onEvent: (event: SweepEvent) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** Changes the rate of the sweep that is running. */
  setRate(rate: number): void;
  /** Ends the remote program. Never rejects; returns once nothing of ours runs on the node or the connection is gone. */
  close(): Promise<void>;
}
