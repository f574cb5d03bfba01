/** One row of a part's table: what was measured, the figures, and what they may be. */
export interface Measurement {
  readonly what: string;
  /** Figures by their headings, `{ 'wall time': '412 ms' }`. The table has the columns of all rows, in this order. */
  readonly figures: Readonly<Record<string, string>>;
  readonly limit?: Limit;
}

export interface Limit {
  /** As the table shows it: `at most 1.05`. */
  readonly text: string;
  readonly kept: boolean;
}

/** What `npm run bench -- NAME` runs. */
export interface Part {
  readonly name: string;
  /** Programs that it needs beside those of the lab; undefined where it needs no lab. */
  readonly needs: readonly string[] | undefined;
  /** Measures, each figure over that many rounds where it is given, and over the part's own number otherwise. */
  measure(rounds?: number): Promise<readonly Measurement[]>;
}

export function atMost(value: number, limit: number, unit = ''): Limit {
  return { text: `at most ${limit}${unit}`, kept: value <= limit };
}

export function atLeast(value: number, limit: number, unit = ''): Limit {
  return { text: `at least ${limit.toLocaleString('en-US')}${unit}`, kept: value >= limit };
}

/** Wall-clock milliseconds. */
export async function timed(action: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await action();
  return performance.now() - began;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  if (upper === undefined) throw new Error('no values, no median');
  return sorted.length % 2 === 1 ? upper : (sorted[middle - 1]! + upper) / 2;
}

/**
 * The median wall-clock milliseconds of each action. They take turns, so that all meet the same load; each runs once
 * beforehand, so that none pays for cold caches.
 */
export async function inTurns<Name extends string>(
  rounds: number,
  actions: Readonly<Record<Name, () => Promise<unknown>>>,
): Promise<Readonly<Record<Name, number>>> {
  const entries = Object.entries(actions) as [Name, () => Promise<unknown>][];
  const times = new Map<Name, number[]>(entries.map(([name]) => [name, []]));
  for (const [, action] of entries) await action();
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, action] of entries) times.get(name)!.push(await timed(action));
  }
  return Object.fromEntries(entries.map(([name]) => [name, median(times.get(name)!)])) as Record<Name, number>;
}

export function milliseconds(value: number): string {
  return value < 9950 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`;
}

export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
