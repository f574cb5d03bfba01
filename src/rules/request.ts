import { canonicalAddress, isIPv4 } from '../model/addresses.js';
import type { PortSet } from '../model/port-set.js';
import type { Severity } from '../model/scenario.js';

/** One end of what is asked for: `name` is what the inventory calls it. */
export interface Party {
  readonly name: string;
  /** A literal in its one form, or a name that has yet to be resolved. */
  readonly address: string;
}

/** An address, and all that goes by it. */
export interface Place {
  readonly address: string;
  readonly names: readonly string[];
}

/** Why something has to be let through. One object a flow: two purposes are the same where they are one object. */
export interface Purpose {
  /** `SCENARIO/FLOW`. */
  readonly flow: string;
  readonly title: string;
  /** The document and the row that ask for it. */
  readonly document: string;
}

/** TCP from every source to every destination on every port; from an address to itself nothing crosses a firewall. */
export interface ProposedRule {
  readonly sources: readonly Place[];
  readonly destinations: readonly Place[];
  readonly ports: PortSet;
  /** At least one, in the order of the plan. */
  readonly purposes: readonly Purpose[];
}

/** What is to be asked of whoever keeps the firewall. */
export interface ChangeRequest {
  /** Sentences: what it is made from. */
  readonly origin: readonly string[];
  readonly rules: readonly ProposedRule[];
  /** Sentences: what is left out, and why. */
  readonly notes: readonly string[];
}

/** 4 or 6 of a literal, undefined of a name. */
export type Family = 4 | 6 | undefined;

export function familyOf(address: string): Family {
  if (isIPv4(address)) return 4;
  // No name has a colon.
  return address.includes(':') ? 6 : undefined;
}

export function partyOf(name: string, address: string): Party {
  return { name: oneLine(name), address: oneLine(canonicalAddress(address)) };
}

/** `document` is left out where the citations name it themselves. */
export function purposeOf(
  flow: string,
  title: string,
  severity: Severity,
  cite: readonly string[],
  document?: string,
): Purpose {
  const row = cite.join('; ');
  return {
    flow: oneLine(flow),
    title: oneLine(severity === 'advisory' ? `${title} (advisory)` : title),
    document: oneLine(document === undefined ? row : `${document}: ${row}`),
  };
}

/** Text of others on one line: in a comment, a second line would be a command. */
export function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim();
}
