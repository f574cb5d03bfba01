import { type PortInterval, type PortSet, portSet } from '../model/port-set.js';

/** Ports that lie in the same ones of several sets. */
export interface Atom {
  readonly ports: PortSet;
  /** Which of the sets hold it, by index, ascending. */
  readonly covering: readonly number[];
}

/** Splits the union of sets into disjoint atoms, so that each set is a union of whole atoms, in order of their first port. */
export function atomsOf(sets: readonly PortSet[]): readonly Atom[] {
  const edges: { readonly at: number; readonly set: number; readonly opens: boolean }[] = [];
  for (const [set, ports] of sets.entries()) {
    for (const [first, last] of ports) edges.push({ at: first, set, opens: true }, { at: last + 1, set, opens: false });
  }
  edges.sort((a, b) => a.at - b.at);
  const open = new Set<number>();
  const atoms = new Map<string, { covering: readonly number[]; intervals: PortInterval[] }>();
  for (const [i, { at, set, opens }] of edges.entries()) {
    if (opens) open.add(set);
    else open.delete(set);
    const next = edges[i + 1]?.at;
    if (next === undefined || next === at || open.size === 0) continue;
    const covering = [...open].sort((a, b) => a - b);
    const key = covering.join(',');
    const atom = atoms.get(key);
    if (atom === undefined) atoms.set(key, { covering, intervals: [[at, next - 1]] });
    else atom.intervals.push([at, next - 1]);
  }
  return [...atoms.values()].map(({ covering, intervals }) => ({ covering, ports: portSet(intervals) }));
}
