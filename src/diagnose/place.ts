import type { Scope } from './causes.js';
import type { Symptom } from './symptom.js';

/** Divides the symptoms of one cause into findings, by where the cause sits. */
export function splitByPlace(scope: Scope, symptoms: readonly Symptom[]): Symptom[][] {
  switch (scope) {
    case 'destination':
      return groupBy(symptoms, ({ check }) => check.to ?? '');
    case 'source':
      return groupBy(symptoms, ({ check }) => check.from ?? '');
    case 'device':
      return groupBy(symptoms, ({ outcome }) => outcome.sender ?? '');
    case 'flow':
      return groupBy(symptoms, ({ check }) => `${check.scenario}/${check.flow}`);
    case 'reason':
      return groupBy(symptoms, ({ outcome }) => outcome.reason ?? '');
    case 'path':
      return groupBy(symptoms, ({ outcome }) => outcome.ports).flatMap(splitPaths);
  }
}

/**
 * Paths that fail alike: all of them together where every source fails towards every destination, else by the end that
 * explains them with fewer findings.
 */
function splitPaths(symptoms: readonly Symptom[]): Symptom[][] {
  const byDestination = groupBy(symptoms, ({ check }) => check.to ?? '');
  const bySource = groupBy(symptoms, ({ check }) => check.from ?? '');
  if (byDestination.length === 1 || bySource.length === 1) return [[...symptoms]];
  const failing = new Set(symptoms.map(({ check }) => `${check.from} ${check.to}`));
  const sources = new Set(symptoms.map(({ check }) => check.from));
  const destinations = new Set(symptoms.map(({ check }) => check.to));
  const both = [...sources].filter((name) => destinations.has(name)).length;
  if (failing.size === sources.size * destinations.size - both && failing.size > 2) return [[...symptoms]];
  return byDestination.length <= bySource.length ? byDestination : bySource;
}

export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}
