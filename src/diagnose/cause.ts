import type { PortSet } from '../model/port-set.js';
import { listNames, listTexts, namePorts } from './names.js';

/** Where a cause sits: checks that share it are one finding. */
export type Scope = 'destination' | 'source' | 'device' | 'proxy' | 'path' | 'reason' | 'flow';

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
