/** Names with consecutive numbers as the inventory's own patterns, `exa-n[11:14]`; three or more make one. */
export function compactNames(names: readonly string[]): string {
  const parts: string[] = [];
  let run: { readonly prefix: string; readonly suffix: string; readonly numbers: string[] } | undefined;
  const flush = () => {
    if (run === undefined) return;
    const { numbers, prefix, suffix } = run;
    if (numbers.length >= 3) parts.push(`${prefix}[${numbers[0]}:${numbers.at(-1)}]${suffix}`);
    else parts.push(...numbers.map((number) => prefix + number + suffix));
    run = undefined;
  };
  for (const name of names) {
    const match = /^(.*?)(\d+)(\D*)$/.exec(name);
    if (match === null) {
      flush();
      parts.push(name);
      continue;
    }
    const [, prefix = '', number = '', suffix = ''] = match;
    if (run === undefined || run.prefix !== prefix || run.suffix !== suffix || !follows(run.numbers.at(-1)!, number)) {
      flush();
      run = { prefix, suffix, numbers: [] };
    }
    run.numbers.push(number);
  }
  flush();
  return parts.join(', ');
}

function follows(previous: string, next: string): boolean {
  const sameForm = previous.length === next.length || (!previous.startsWith('0') && !next.startsWith('0'));
  return sameForm && Number(next) === Number(previous) + 1;
}

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
    return `among ${compactNames(sources)}${count}`;
  if (pairs.length === full || pairs.length === full - both)
    return `${compactNames(sources)} → ${compactNames(destinations)}${count}`;
  if (pairs.length <= fewPairs) return pairs.map(({ from, to }) => `${from} → ${to}`).join('; ');
  return `${compactNames(sources)} → ${compactNames(destinations)} (${pairs.length} of ${full} pairs)`;
}
