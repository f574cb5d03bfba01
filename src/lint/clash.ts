import type { Member } from '../model/inventory.js';
import { formatPorts, intersectPorts, type PortSet } from '../model/port-set.js';
import type { Violation } from './violation.js';

/** Two things on one member that would listen on one port. */
export interface Clash {
  readonly member: Member;
  readonly a: ClashingPort;
  readonly b: ClashingPort;
}

interface ClashingPort {
  readonly label: string;
  readonly ports: PortSet;
}

/** Folds the clashes that are the same on several members; `say` words one. */
export function foldClashes<T extends Clash>(
  clashes: readonly T[],
  say: (clash: T, members: readonly Member[], shared: PortSet) => string,
): readonly Violation[] {
  const folded = new Map<string, { clash: T; members: Member[] }>();
  for (const clash of clashes) {
    const key = JSON.stringify([clash.a, clash.b].map(({ label, ports }) => [label, formatPorts(ports)]));
    const same = folded.get(key);
    if (same === undefined) folded.set(key, { clash, members: [clash.member] });
    else same.members.push(clash.member);
  }
  return [...folded.values()].map(({ clash, members }) => {
    const ports = intersectPorts(clash.a.ports, clash.b.ports);
    return { hosts: members, ports, sentence: say(clash, members, ports) };
  });
}

/** The port of a clash with its value, where that is more than what is shared. */
export function named({ label, ports }: ClashingPort, shared: PortSet): string {
  return formatPorts(ports) === formatPorts(shared) ? label : `${label} (${formatPorts(ports)})`;
}
