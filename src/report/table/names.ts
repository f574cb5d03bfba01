import { compactNames } from '../../model/compact-names.js';

const fewPairs = 3;
const fewNames = 12;

/** Pairs of hosts, of which only the ends are kept. */
export class PairFold {
  readonly #sources = new Set<string>();
  readonly #destinations = new Set<string>();
  readonly #first: string[] = [];
  #count = 0;

  add(from: string, to: string): void {
    this.#sources.add(from);
    this.#destinations.add(to);
    if (++this.#count <= fewPairs) this.#first.push(pairText(from, to));
  }

  merge(other: PairFold): void {
    for (const name of other.#sources) this.#sources.add(name);
    for (const name of other.#destinations) this.#destinations.add(name);
    if (this.#count + other.#count <= fewPairs) this.#first.push(...other.#first);
    this.#count += other.#count;
  }

  /** In few words: `a, b → c`, `among exa-n[11:14] (12 pairs)`; a list where they form no pattern. */
  text(verbose: boolean): string {
    const sources = [...this.#sources];
    const destinations = [...this.#destinations];
    const both = sources.filter((name) => this.#destinations.has(name)).length;
    const pairs = this.#count;
    const count = pairs > 1 ? ` (${pairs} pairs)` : '';
    const full = sources.length * destinations.length;
    // Ports and rules have no source.
    if (sources.every((name) => name === '')) return shortNames(destinations, verbose);
    const from = shortNames(sources, verbose);
    if (both > 1 && both === sources.length && both === destinations.length && pairs === full - both)
      return `among ${from}${count}`;
    const to = shortNames(destinations, verbose);
    if (pairs === full || pairs === full - both) return `${from} → ${to}${count}`;
    if (pairs <= fewPairs) return this.#first.join('; ');
    return `${from} → ${to} (${pairs} of ${full} pairs)`;
  }
}

/** Who to whom; of a port or a rule, whose it is. */
export function pairText(from: string, to: string): string {
  return from === '' ? to : `${from} → ${to}`;
}

/** Names, consecutive ones as a pattern; the first of them where they are many and not every one is asked for. */
export function shortNames(names: readonly string[], verbose: boolean): string {
  const parts = compactNames(names);
  if (verbose || parts.length <= fewNames) return parts.join(', ');
  return `${parts.slice(0, fewNames - 2).join(', ')} and ${parts.length - fewNames + 2} more`;
}
