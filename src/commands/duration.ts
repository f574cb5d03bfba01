import { ExpectedError } from '../model/errors.js';

const milliseconds = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** Reads `500ms`, `3.5s`, `5m` or `1h` into milliseconds. Throws an {@link ExpectedError} that names the option. */
export function parseDuration(text: string, option: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  const value = match === null ? 0 : Number(match[1]) * milliseconds[match[2] as keyof typeof milliseconds];
  if (value <= 0) {
    throw new ExpectedError(`${option} ${text} is not a duration; expected a number and a unit: 500ms, 3.5s, 5m`);
  }
  return value;
}

/** Reads a whole number of at least `least`. Throws an {@link ExpectedError} that names the option. */
export function parseCount(text: string, option: string, least: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least)) throw new ExpectedError(`${option} ${text} is not a whole number of at least ${least}`);
  return value;
}
