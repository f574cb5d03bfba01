import type { Member } from '../model/inventory.js';
import { formatPorts, intersectPorts, type PortSet } from '../model/port-set.js';
import type { PortUse, Violation } from './violation.js';
import { namesOf, valueWith } from './words.js';

/** A port variable with one value, and the members that have it. */
export interface SharedValue {
  readonly variable: string;
  readonly ports: PortSet;
  readonly members: readonly Member[];
}

/** Folds equal values of one variable. */
export function byValue(uses: readonly PortUse[]): readonly SharedValue[] {
  const values = new Map<string, { variable: string; ports: PortSet; members: Member[] }>();
  for (const { member, variable, ports } of uses) {
    const key = `${variable} ${formatPorts(ports)}`;
    const value = values.get(key);
    if (value === undefined) values.set(key, { variable, ports, members: [member] });
    else value.members.push(member);
  }
  return [...values.values()];
}

/** The values that reach into `forbidden`, each with its sentence: `on HOSTS, VARIABLE is VALUE` and then `why`. */
export function within(forbidden: PortSet, uses: readonly PortUse[], why: string): readonly Violation[] {
  return byValue(uses).flatMap(({ members, ports: value, variable }) => {
    const ports = intersectPorts(value, forbidden);
    if (ports.length === 0) return [];
    const sentence = `on ${namesOf(members)}, ${variable} is ${valueWith(value, ports)}${why}`;
    return [{ hosts: members, ports, sentence }];
  });
}
