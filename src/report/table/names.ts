import { compactNames } from '../../model/compact-names.js';

export interface Pair {
  readonly from: string;
  readonly to: string;
}

const fewPairs = 3;

/** Many host pairs in few words: `a, b → c`, `among exa-n[11:14] (12 pairs)`; a list where they form no pattern. */
export function namePairs(pairs: readonly Pair[]): string {
  const sources = [...new Set(pairs.map(({ from }) => from))];
  const destinations = [...new Set(pairs.map(({ to }) => to))];
  const both = sources.filter((name) => destinations.includes(name)).length;
  const count = pairs.length > 1 ? ` (${pairs.length} pairs)` : '';
  const full = sources.length * destinations.length;
  if (both > 1 && both === sources.length && both === destinations.length && pairs.length === full - both)
    return `among ${text(sources)}${count}`;
  if (pairs.length === full || pairs.length === full - both) return `${text(sources)} → ${text(destinations)}${count}`;
  if (pairs.length <= fewPairs) return pairs.map(({ from, to }) => `${from} → ${to}`).join('; ');
  return `${text(sources)} → ${text(destinations)} (${pairs.length} of ${full} pairs)`;
}

function text(names: readonly string[]): string {
  return compactNames(names).join(', ');
}
