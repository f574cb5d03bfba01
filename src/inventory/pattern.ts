/** A host pattern that cannot be expanded; the message is a clause. */
export class PatternProblem extends Error {
  override readonly name = 'PatternProblem';
}

/** Far more hosts than one run can log in to. */
const mostNames = 100_000;

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/**
 * Expands a pattern as Ansible does: `n[1:3]`, `n[01:20]` keeps its zeros, `n[1:9:2]` steps, `n[a:f]`, several
 * brackets (the last one turns fastest). A text without brackets is itself. Throws a {@link PatternProblem}.
 */
export function expandPattern(text: string): readonly string[] {
  const parts = text.split(/[[\]]/);
  const shape = text.replace(/[^[\]]/g, '');
  if (!/^(?:\[\])*$/.test(shape)) throw new PatternProblem('its brackets do not match');
  let expanded = [''];
  for (const [index, part] of parts.entries()) {
    const ends = index % 2 === 0 ? [part] : expandRange(part);
    if (expanded.length * ends.length > mostNames)
      throw new PatternProblem(`it stands for more than ${mostNames} names`);
    expanded = expanded.flatMap((start) => ends.map((end) => start + end));
  }
  return expanded;
}

function expandRange(range: string): readonly string[] {
  const match = /^(\d*|[A-Za-z]):(\d+|[A-Za-z])(?::(\d+))?$/.exec(range);
  const [, first, last] = match ?? [];
  if (match === null || first === undefined || last === undefined || /\d/.test(last) !== /^\d*$/.test(first)) {
    throw new PatternProblem(`[${range}] is no range such as [1:20], [01:20], [a:f] or [1:9:2]`);
  }
  const step = Number(match[3] ?? '1');
  if (step === 0) throw new PatternProblem(`[${range}] has a step of 0`);
  const steps = /\d/.test(last) ? numbers(first === '' ? '0' : first, last, step, range) : between(first, last, step);
  if (steps.length === 0) throw new PatternProblem(`[${range}] ends before it begins`);
  return steps;
}

function numbers(first: string, last: string, step: number, range: string): string[] {
  const padded = first.length > 1 && first.startsWith('0');
  if (padded && first.length !== last.length) {
    throw new PatternProblem(`[${range}] begins with ${first.length} digits and ends with ${last.length}`);
  }
  const end = Number(last);
  const count = Math.floor((end - Number(first)) / step) + 1;
  if (count > mostNames) throw new PatternProblem(`it stands for more than ${mostNames} names`);
  return Array.from({ length: Math.max(0, count) }, (_, index) =>
    String(Number(first) + index * step).padStart(padded ? first.length : 0, '0'),
  );
}

function between(first: string, last: string, step: number): string[] {
  const slice = letters.slice(letters.indexOf(first), letters.indexOf(last) + 1);
  return [...slice].filter((_, index) => index % step === 0);
}
