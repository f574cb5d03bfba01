import type { Answer, Segment } from './answer.js';
import type { PortSet } from './port-set.js';

// What is asked once more where it decides something: after the first probes of a run, of both ends, at one moment. Raw
// facts, as in observation.ts. A destination is read, the source tries again, and the destination is read once more: what
// both readings say held while the source tried.

/** One connect of a second look. */
interface Try {
  /** The local port that was connected from; undefined where the engine does not say. */
  readonly sourcePort: number | undefined;
  readonly answer: Answer;
}

/** One port, tried several times, each from another source port unless two tries name the same. In their order. */
interface PortTries {
  readonly port: number;
  readonly tries: readonly Try[];
}

/** What a source got when it asked an address for its SSH host key. */
type HostKeySeen =
  /** `SHA256:…`, proven by the key exchange. */
  | { readonly kind: 'key'; readonly port: number; readonly fingerprint: string }
  /** Connected, and whoever answers does not get as far as a host key; `detail` is a clause. */
  | { readonly kind: 'no-key'; readonly port: number; readonly detail: string }
  /** What the dial brought where it did not connect. */
  | { readonly kind: 'not-reached'; readonly port: number; readonly answer: Answer };

/** What a node's kernel says of the way to an address: the answer to RTM_GETROUTE, or to `ip route get`. */
type RouteAnswer =
  | {
      readonly kind: 'route';
      readonly device: string;
      readonly gateway: string | undefined;
      /** The address that it would send from. */
      readonly source: string | undefined;
      /** True where the kernel delivers packets for that address to itself (a local route, an address of its own). */
      readonly local: boolean;
    }
  /** `ENETUNREACH`, `EACCES` (prohibit), `EINVAL` (blackhole), `EHOSTUNREACH` (unreachable). */
  | { readonly kind: 'none'; readonly errno: string };

/** What one source saw of one address when it looked again. */
export interface SecondLook {
  /** A literal. */
  readonly address: string;
  /** Which host's readings lie before and after it; undefined where none were made. */
  readonly destination: string | undefined;
  /** Each port of a doubt once more: later than what the first look brought, and in its place. */
  readonly segments: readonly Segment[];
  /** Single ports from several source ports; the controls among them too. */
  readonly tries: readonly PortTries[];
  /** Ports among `tries` that no flow denies and that answered before: whether the path works is known by them. */
  readonly controls: PortSet;
  readonly hostKey: HostKeySeen | undefined;
  readonly route: RouteAnswer | undefined;
  /**
   * Ports whose reset still arrives where only packets that have travelled less far than the host's own answers are let
   * in (IP_MINTTL, IPV6_MINHOPCOUNT): something on the way sent it. Undefined where that could not be tried.
   */
  readonly resetsFromNearer: PortSet | undefined;
  /** Ports whose reset has travelled as far as the host's own answers. */
  readonly resetsFromHost: PortSet | undefined;
}

/** A socket in LISTEN, as sock_diag(7) or /proc/net/tcp tells it. */
interface ListenSocket {
  /** `0.0.0.0` and `::` are every address. */
  readonly address: string;
  readonly port: number;
  /** Its inode: the same in two readings is the same socket, which has listened all the time. */
  readonly inode: number;
  /** The device that it is bound to (SO_BINDTODEVICE), by name; undefined where to none, or not known. */
  readonly device: string | undefined;
  /** Of an IPv6 socket: whether it takes no IPv4; undefined where not known. */
  readonly v6only: boolean | undefined;
  /** Connections that wait to be accepted, and how many may; undefined where not known. */
  readonly queued: number | undefined;
  readonly backlog: number | undefined;
  /** `docker-proxy`, `mysqld`; undefined where the login may not see it. */
  readonly process: string | undefined;
}

/** What a destination says of itself at one moment of a run. Undefined where it could not be had. */
export interface Reading {
  /** The controller's steady clock, in milliseconds: when it was asked, and when the answer was there. */
  readonly askedAt: number;
  readonly answeredAt: number;
  /** Those of the ports that were asked about. */
  readonly sockets: readonly ListenSocket[] | undefined;
  /** Kernel counters by their names in /proc/net/netstat and snmp: `ListenOverflows`, `TCPReqQFullDrop`, `InReceives`… */
  readonly counters: ReadonlyMap<string, number> | undefined;
  /** Its way back to the addresses of the sources, by address. */
  readonly routes: ReadonlyMap<string, RouteAnswer>;
}
