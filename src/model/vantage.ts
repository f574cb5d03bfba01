import type { Duplex, Readable, Writable } from 'node:stream';
import type { HostKeyDoubt, HostKeyProblem } from './host-key-problem.js';
import type { Host, TransportName } from './inventory.js';
import type { Answer } from './observation.js';

export interface RemoteProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves when the process ended or the connection did; never rejects. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  /** Closes stdin and drops the process. */
  kill(): void;
}

/** How a host was logged in to. */
export interface Login {
  /** The literal address, where it is known: a name behind a jump host is resolved there. */
  readonly address: string | undefined;
  /** Sentences for the report: an address that failed before another one worked. */
  readonly notes: readonly string[];
  /** Of a login that went on against the evidence, by the key of the host or of a jump host on the way. */
  readonly hostKeyDoubt?: HostKeyDoubt;
}

/** A TCP connection from a node. */
export interface DialledStream extends Duplex {
  /** How long the connect took, in microseconds, where the node itself has measured it. */
  readonly connectUs?: number | undefined;
}

/** A host that probes can be sent from. Everything else is built on its two powers, `exec` and `dial`. */
export interface Vantage {
  readonly host: string;
  readonly transport: TransportName;
  /** Undefined where nobody logs in over the network. */
  readonly login?: Login;
  /** Starts a command under the login shell of the host. Rejects with a {@link VantageFailure}. */
  exec(command: string): Promise<RemoteProcess>;
  /**
   * Opens a TCP connection from the host to a literal address. Rejects with a {@link DialFailure}; with the signal's
   * reason when aborted, or with a {@link DialFailure} that says `untried` where it was aborted before the connect was
   * sent: then nobody was silent. `onSent` is called when the connect is sent, which may be long after the call: whoever
   * counts how long the target has been silent counts from there, and anew where it is called again: a first way was shut.
   */
  dial(address: string, port: number, signal: AbortSignal, onSent?: () => void): Promise<DialledStream>;
  /**
   * Whether a dial is a channel of sshd's own, or a connect of this very machine's; otherwise a program that `exec` runs
   * connects, and a sweep does better to run its own. Asks where it is not known yet. Never rejects.
   */
  forwards(): Promise<boolean>;
  /** What connects where dials go through a relay, `/usr/bin/python3 3.11.2`; undefined where none runs, or none yet. */
  readonly relay?: string | undefined;
  /** Resolves with the reason when the connection is lost; stays pending for ever when it is closed by `close`. */
  readonly lost: Promise<VantageFailure>;
  /** Ends the connection. Never rejects. */
  close(): Promise<void>;
}

/** A login that failed or a connection that broke. The message is a sentence for the report. */
export class VantageFailure extends Error {
  override readonly name = 'VantageFailure';
  /** Where the login failed by the key of the host, or of a jump host on the way. */
  readonly hostKeyProblem: HostKeyProblem | undefined;

  constructor(message: string, options: ErrorOptions & { readonly hostKeyProblem?: HostKeyProblem | undefined } = {}) {
    super(message, options);
    this.hostKeyProblem = options.hostKeyProblem;
  }
}

/** A dial that brought no connection, and what it brought instead. */
export class DialFailure extends Error {
  override readonly name = 'DialFailure';
  readonly answer: Answer;

  constructor(message: string, answer: Answer) {
    super(message);
    this.answer = answer;
  }
}

/** Asks the person at the terminal; undefined where nobody is there to ask. Questions are asked one at a time. */
export type Ask = (question: string, options: { readonly secret: boolean }) => Promise<string | undefined>;

/**
 * Keeps connections that end before authentication few at each sshd: logins that fail and probes of its port alike, of
 * all vantages together. One a run. An sshd is named by the address and port that is connected to, `192.0.2.1:22`.
 */
export interface PreAuthBudget {
  /**
   * Waits for leave to connect, first come first served; what it gives is to be called when the login is over, since a slow
   * one that fails is counted from then. Rejects with the signal's reason.
   */
  take(sshd: string, signal: AbortSignal): Promise<() => void>;
  /** Takes leave where it is to be had now: 0; else the milliseconds after which to ask again. */
  tryTake(sshd: string): number;
}

/** What a run gives its transports. */
export interface TransportContext {
  /** Hosts of the inventory: a jump host may be one of them. */
  readonly hosts: ReadonlyMap<string, Host>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly ask: Ask;
  /** Says something that the operator has to know, on stderr: a host key accepted, a banner's demand. */
  readonly warn: (sentence: string) => void;
  /** Asked before each connection that an sshd counts: every try of every login. */
  readonly preAuth: PreAuthBudget;
}

/** One way of reaching hosts; made once a run, so that hosts share jump hosts, pacing and answers to prompts. */
export interface Transport {
  readonly name: TransportName;
  /** Logs in. Rejects with a {@link VantageFailure}; when aborted, with the signal's reason. */
  connect(host: Host, signal: AbortSignal): Promise<Vantage>;
  /** Closes what the vantages shared. Never rejects. */
  close(): Promise<void>;
}

export type TransportFactory = (context: TransportContext) => Transport;
