import type { Answer, Segment } from './answer.js';
import type { EngineName } from './engine.js';
import type { HostKeyDoubt } from './host-key-problem.js';
import type { TransportName } from './inventory.js';
import type { ListenerRecord } from './listening.js';
import type { PortSet } from './port-set.js';
import type { Reading, SecondLook } from './second-look.js';

export {
  type Answer,
  type DialogueProblem,
  deniesService,
  dialogueProblems,
  isIdentified,
  type Segment,
  type UntriedCause,
  untriedCauses,
} from './answer.js';

/**
 * Connect times in microseconds, in buckets of 1/16 octave (4.4 % wide): bucket b holds times from 2^(b/16) µs on.
 * Mergeable, and small whatever the number of ports.
 */
export interface LatencyHistogram {
  readonly buckets: ReadonlyMap<number, number>;
  readonly minUs: number;
  readonly maxUs: number;
}

export interface Latency {
  readonly ports: PortSet;
  readonly histogram: LatencyHistogram;
}

/**
 * How long the phases of a dialogue took, in milliseconds; those that it did not have, or nobody could time, are left out.
 * Through a proxy it is the proxy's name that is resolved, and `connect` lasts until the proxy has connected too.
 */
export interface PhaseTimes {
  readonly resolve?: number;
  readonly connect?: number;
  readonly tls?: number;
  readonly firstByte?: number;
}

/** What came of a dialogue at one port. */
export interface Spoken {
  readonly port: number;
  /** The key of the service that was asked for; undefined where a connection through a proxy was all that was asked for. */
  readonly service: string | undefined;
  /** What the dial brought where it did not connect. */
  readonly answer: Answer;
  readonly phases: PhaseTimes;
  readonly via?: ProxyUsed;
}

/** The HTTP proxy that a connection was asked of. */
export interface ProxyUsed {
  /** As the inventory writes it: `proxy.example:3128`. */
  readonly authority: string;
  /** The literal that was dialled; undefined where there was none to dial. */
  readonly address: string | undefined;
}

export interface AddressObservation {
  /** A literal address. */
  readonly address: string;
  /** The address the source used, where known. */
  readonly sourceAddress: string | undefined;
  /** What connects brought: every port once. */
  readonly segments: readonly Segment[];
  /** What dialogues brought: every port once per service. */
  readonly spoken: readonly Spoken[];
  readonly latencies: readonly Latency[];
}

/** What one source saw of one target, as the inventory writes it. */
export interface TargetObservation {
  readonly target: string;
  /** Why the source's resolver gave no address; undefined where it gave one or the target is a literal. */
  readonly nameFailure: string | undefined;
  readonly addresses: readonly AddressObservation[];
}

/** What one source saw, by target as the inventory writes it: a Map, or what reads like one in less memory. */
export interface SourceObservations {
  readonly size: number;
  get(target: string): TargetObservation | undefined;
  values(): Iterable<TargetObservation>;
}

export interface Listener {
  /** `0.0.0.0` and `::` listen on every address. */
  readonly address: string;
  readonly port: number;
}

/** A row of the node's routing tables: of IPv4 the main one, of IPv6 all that the kernel lists as one. */
export interface Route {
  readonly destination: string;
  readonly prefixLength: number;
  readonly gateway: string | undefined;
  readonly interface: string;
}

/** What a node says of itself at login, in the same exec. Undefined where it could not be had. */
export interface NodeFacts {
  readonly addresses: readonly string[] | undefined;
  readonly listeners: readonly Listener[] | undefined;
  readonly routes: readonly Route[] | undefined;
}

export const noFacts: NodeFacts = { addresses: undefined, listeners: undefined, routes: undefined };

/** `failed`: never logged in; `lost`: logged in, and the connection broke before the work was done. */
export interface VantageRecord {
  readonly host: string;
  readonly status: 'ready' | 'failed' | 'lost';
  readonly transport: TransportName;
  /** The literal address that was logged in to, where it is known. */
  readonly address: string | undefined;
  /** The SSH host key of the login, `SHA256:…`; left out where the transport does not tell. */
  readonly hostKey?: string;
  /** Whether the login failed by the host's key or went on against the evidence; left out where nothing was wrong with it. */
  readonly hostKeyDoubt?: HostKeyDoubt;
  readonly engine: EngineName | undefined;
  /** `/usr/bin/python3 3.11`. */
  readonly interpreter: string | undefined;
  readonly blindSpots: readonly string[];
  /** Sentences: by which address the login went after another failed, which family of addresses names are asked without. */
  readonly notes: readonly string[];
  readonly error: string | undefined;
  readonly facts: NodeFacts;
}

/** Everything that was seen: plain data, which can be judged again. */
export interface Observations {
  readonly vantages: ReadonlyMap<string, VantageRecord>;
  /** By source host, then by target as the inventory writes it. */
  readonly targets: ReadonlyMap<string, SourceObservations>;
  /** By host, where temporary listeners were part of the run. */
  readonly listeners?: ReadonlyMap<string, ListenerRecord>;
  /** Pairs whose listeners answered, but not to a large payload: by source host, the addresses. */
  readonly largeLost?: ReadonlyMap<string, readonly string[]>;
  /** Where something was looked at again: by source host, then by canonical address. */
  readonly secondLooks?: ReadonlyMap<string, ReadonlyMap<string, SecondLook>>;
  /** What destinations said of themselves before and after the second looks: by host, in their order. */
  readonly readings?: ReadonlyMap<string, readonly Reading[]>;
  readonly interrupted: boolean;
}
