import type { PortSet } from '../model/port-set.js';
import { listNames, listTexts, namePorts } from './names.js';

/**
 * Where a cause sits: checks that share it are one finding. A `path` is that of some ports, since a firewall's rule names
 * them; a `route` is that of all of them.
 */
export type Scope = 'destination' | 'source' | 'device' | 'proxy' | 'path' | 'route' | 'reason' | 'flow';

/** What a cause's sentences are made from. */
export interface Circumstances {
  readonly sources: readonly string[];
  readonly destinations: readonly string[];
  /** The destinations' addresses as they were tried. */
  readonly addresses: readonly string[];
  readonly ports: PortSet;
  readonly senders: readonly string[];
  /** The HTTP proxies that they are reached through. */
  readonly proxies: readonly string[];
  readonly reasons: readonly string[];
  /** `ADDRESS:PORT` of the destinations' listeners on these ports. */
  readonly listeners: readonly string[];
  readonly flows: readonly string[];
  /** Whether the destinations were all logged in to and have these addresses. */
  readonly alive: boolean;
  /** Whether silence and rejections were mixed. */
  readonly mixed: boolean;
  /** What was proven of the cause, in clauses: a device's name, another host's, the ends of connections. */
  readonly details: readonly string[];
  /** Why the destinations could not be logged in to. */
  readonly loginErrors: readonly string[];
  /** SSH ports of the destinations that answered where these ports did not; empty where that is not known of all. */
  readonly sshPorts: readonly string[];
  /** Whether several ports and the SSH port were silent, on every path. */
  readonly mute: boolean;
  /** Some of the sources to which these ports are open. */
  readonly others: readonly string[];
}

export interface Cause {
  readonly scope: Scope;
  readonly owner: 'service' | 'host' | 'network' | 'source' | 'inventory' | 'portolan';
  /** What was seen, and what it usually means. */
  summary(seen: Circumstances): string;
  /** The next step. */
  remedy(seen: Circumstances): string;
}

// Words that the sentences of many causes share.

export const to = (seen: Circumstances) => listNames(seen.destinations);
export const from = (seen: Circumstances) => listNames(seen.sources);
export const why = (seen: Circumstances) =>
  listTexts([...new Set(seen.reasons.map((reason) => reason.replace(/^[a-z ]+: /, '')))], 2);
export const permit = (seen: Circumstances) =>
  `permit ${listNames(seen.sources)} to ${listNames(seen.addresses)} on tcp ${namePorts(seen.ports)}`;
