const collator = new Intl.Collator('en', { numeric: true });

/** Names, sorted, with those of consecutive numbers as the inventory's own patterns, `exa-n[11:14]`; three or more make one. */
export function compactNames(names: readonly string[]): string[] {
  const parts: string[] = [];
  let run: { readonly prefix: string; readonly suffix: string; readonly numbers: string[] } | undefined;
  const flush = () => {
    if (run === undefined) return;
    const { numbers, prefix, suffix } = run;
    if (numbers.length >= 3) parts.push(`${prefix}[${numbers[0]}:${numbers.at(-1)}]${suffix}`);
    else parts.push(...numbers.map((number) => prefix + number + suffix));
    run = undefined;
  };
  for (const name of [...names].sort(collator.compare)) {
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
  return parts;
}

function follows(previous: string, next: string): boolean {
  const sameForm = previous.length === next.length || (!previous.startsWith('0') && !next.startsWith('0'));
  return sameForm && Number(next) === Number(previous) + 1;
}
