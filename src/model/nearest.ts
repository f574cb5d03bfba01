/** How many edits (insert, delete, replace, swap neighbours) lead from one text to the other; `limit + 1` if more than `limit`. */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let distance = Math.min(previous[j]! + 1, current[j - 1]! + 1, previous[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        distance = Math.min(distance, beforePrevious[j - 2]! + 1);
      }
      current.push(distance);
      least = Math.min(least, distance);
    }
    if (least > limit) return limit + 1;
    beforePrevious = previous;
    previous = current;
  }
  return Math.min(previous[b.length]!, limit + 1);
}

/** The name that was probably meant: at most a third of its letters off, the nearest, the first of equals. */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let limit = Math.max(1, Math.floor(name.length / 3));
  for (const candidate of candidates) {
    const distance = editDistance(wanted, candidate.toLowerCase(), limit);
    if (distance > limit) continue;
    best = candidate;
    limit = distance - 1;
    if (limit < 0) break;
  }
  return best;
}

const listed = 12;

/** What to say after an unknown name: `did you mean "x"?`, or what there is, `expected "a", "b" or "c"`. */
export function suggestName(name: string, candidates: Iterable<string>): string {
  const names = [...candidates];
  const nearest = nearestName(name, names);
  if (nearest !== undefined) return `did you mean "${nearest}"?`;
  return names.length === 0 ? 'none is known here' : `expected ${alternatives(names)}`;
}

/** `"a"`, `"a" or "b"`, `"a", "b" or "c"`; a long list is cut and says so. */
export function alternatives(names: readonly string[]): string {
  const quoted = names.slice(0, listed).map((name) => `"${name}"`);
  if (names.length > listed) return `one of ${quoted.join(', ')} and ${names.length - listed} more`;
  const last = quoted.pop()!;
  return quoted.length === 0 ? last : `${quoted.join(', ')} or ${last}`;
}
