import type { PortSet } from './port-set.js';

// Temporary listeners and the state of ports on one node: what is asked of the listener program, and what it says. Raw
// facts, as in observation.ts; what they mean is the judge's business.

/** Ports of one address of a node that are tried by binding, and listened on where wanted. */
export interface ListenItem {
  /** Chosen by the caller, unique within one session. */
  readonly id: number;
  /** A literal; undefined: every address, IPv4 and IPv6, for targets that are names or are translated on the way. */
  readonly address: string | undefined;
  readonly ports: PortSet;
  /** False: bound to see whether it can be, and let go at once. */
  readonly listen: boolean;
}

/** Ports of one item that came to the same. */
export interface BindResult {
  readonly item: number;
  readonly ports: PortSet;
  /** `EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`…; undefined: it could be bound, and is listened on where that was wanted. */
  readonly errno: string | undefined;
}

/** A socket of the node's that has a local port which was asked about. */
export interface PortHolder {
  readonly port: number;
  /** Its local address; `0.0.0.0` and `::` are every address. */
  readonly address: string;
  /** `listener`: in LISTEN; `client`: a connection, whichever side began it. */
  readonly kind: 'listener' | 'client';
  /** Of a connection: `10.0.0.7:443`, `[fd00::7]:443`. */
  readonly peer: string | undefined;
  readonly uid: number;
  /** Its name, where the node knows one. */
  readonly user: string | undefined;
  /** Undefined where only root may see whose socket it is. */
  readonly pid: number | undefined;
  /** What the kernel calls the process: `mysqld`, `docker-proxy`. */
  readonly process: string | undefined;
  /** Its command line's arguments, joined by blanks and cut to 200 characters. */
  readonly command: string | undefined;
  /** The systemd unit, from the process's control group: `mariadb.service`. */
  readonly unit: string | undefined;
  /** Whether the process lives in another network namespace than the login. */
  readonly otherNamespace: boolean;
}

/** What the node says of its own ports. Undefined where it could not be read. */
export interface PortSettings {
  /** The effective user of the program. */
  readonly uid: number;
  readonly user: string | undefined;
  /** `net.ipv4.ip_unprivileged_port_start`: below it only root (CAP_NET_BIND_SERVICE) may bind. */
  readonly unprivilegedPortStart: number | undefined;
  /** `net.ipv4.ip_local_port_range`: client sockets take their ports from here… */
  readonly ephemeralPorts: PortSet | undefined;
  /** …but for `net.ipv4.ip_local_reserved_ports`. */
  readonly reservedPorts: PortSet | undefined;
  /** Its clock minus the controller's, in milliseconds, and how far off that may be (half the round trip). */
  readonly clockSkew: { readonly ms: number; readonly uncertaintyMs: number };
}

/** Connections that our listeners of one node accepted, seen alike. */
export interface Accept {
  /** The local address that was connected to. */
  readonly address: string;
  readonly peer: string;
  /** The source's number, from its token; undefined where the connection ended without a token of this run. */
  readonly source: number | undefined;
  readonly ports: PortSet;
}

/** What preparing a node brought. */
export interface Prepared {
  readonly binds: readonly BindResult[];
  /** Everybody who holds one of the ports that were asked about, by any address. */
  readonly holders: readonly PortHolder[];
}

/** One node's part in a run with temporary listeners: plain data, which can be judged again. */
export interface ListenerRecord extends Prepared {
  readonly host: string;
  readonly items: readonly ListenItem[];
  /** What its listeners answer: known to nobody but them and the controller. */
  readonly answer: string;
  /** `/usr/bin/python3 3.11.2`; undefined where nothing could be run, and {@link error} says why. */
  readonly interpreter: string | undefined;
  readonly settings: PortSettings | undefined;
  readonly accepts: readonly Accept[];
  /** A sentence: why the program does not run as root, where that is allowed and a port wants it. */
  readonly withoutRoot: string | undefined;
  /** A sentence: why there are no listeners, or what ended them early. */
  readonly error: string | undefined;
}

/** A logged-in node whose listener program runs: one exec, kept until the last probe. */
export interface ListenerSession {
  readonly interpreter: string;
  readonly settings: PortSettings;
  /** Binds and listens. Once a session. Rejects with a `ListenerFailure`. */
  prepare(items: readonly ListenItem[], signal: AbortSignal): Promise<Prepared>;
  /** Closes the listeners and tells what they accepted; what is known where the program is gone. Never rejects. */
  finish(): Promise<{ readonly accepts: readonly Accept[]; readonly error: string | undefined }>;
  /** Ends the program. Never rejects; returns once it has ended or the connection is gone. */
  close(): Promise<void>;
}

/** The listener program could not be started or did not answer. The message is a sentence for the report. */
export class ListenerFailure extends Error {
  override readonly name = 'ListenerFailure';
}

/** Hexadecimal digits of a run's word and of a listener's answer. */
export const tokenDigits = 16;

/**
 * What a probe says to a temporary listener, without its newline: the run's word, and the number of the source. Answered,
 * by a listener of this run only, with `ANSWER PORT`: its own secret word and the local port.
 */
export function probeToken(run: string, source: number): string {
  return `portolan-preflight ${run} ${source}`;
}

/** The cause alone of a listener failure's sentence, for lines that name the host already. */
export function causeAlone(sentence: string): string {
  return sentence.replace(/^no listener runs on \S+: /, '');
}
