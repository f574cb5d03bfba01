import type { Scope } from './cause.js';
import { type CauseName, causes } from './causes.js';
import type { Symptom } from './symptom.js';
import { type Ends, SymptomGroup } from './symptom-group.js';

/** The symptoms of one cause, by where the cause sits. */
export class Places {
  readonly #cause: CauseName;
  readonly #scope: Scope;
  readonly #ends: Ends;
  readonly #groups = new Map<string, SymptomGroup>();

  constructor(cause: CauseName, ends: Ends) {
    this.#cause = cause;
    this.#scope = causes[cause].scope;
    this.#ends = ends;
  }

  /** @param position of the check in the plan */
  add(position: number, serial: number, symptom: Symptom): void {
    const key = placeOf(this.#scope, symptom);
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = new SymptomGroup(this.#cause, this.#ends);
      this.#groups.set(key, group);
    }
    group.add(position, serial, symptom);
  }

  /** One group for each finding. */
  groups(): readonly SymptomGroup[] {
    const groups = [...this.#groups.values()];
    switch (this.#scope) {
      case 'path':
        return groups.flatMap(splitPorts).flatMap(splitPaths);
      case 'route':
        return groups.flatMap(splitPaths);
      case 'destination':
      case 'source':
      case 'device':
      case 'proxy':
      case 'reason':
      case 'flow':
        return groups;
    }
  }
}

function placeOf(scope: Scope, { check, outcome }: Symptom): string {
  switch (scope) {
    case 'destination':
      return check.to ?? '';
    case 'source':
      return check.from ?? check.to ?? '';
    case 'device':
      return outcome.sender ?? '';
    case 'proxy':
      return check.via ?? '';
    case 'flow':
      return `${check.scenario}/${check.flow}`;
    case 'reason':
      return outcome.reason ?? '';
    case 'path':
    case 'route':
      return '';
  }
}

/** A set of ports that fails on many paths is one rule. */
function splitPorts(group: SymptomGroup): readonly SymptomGroup[] {
  return group.variousPorts ? [group] : group.split(({ sight }) => sight.ports);
}

/**
 * Paths that fail alike: all of them together where every source fails towards every destination, else by the end that
 * explains them with fewer findings.
 */
function splitPaths(group: SymptomGroup): readonly SymptomGroup[] {
  const sources = new Map<string, number>();
  const destinations = new Map<string, number>();
  for (const { destination, source } of group) {
    if (!sources.has(source.host)) sources.set(source.host, sources.size);
    if (!destinations.has(destination.host)) destinations.set(destination.host, destinations.size);
  }
  if (sources.size === 1 || destinations.size === 1) return [group];
  const pairs = new Uint8Array(sources.size * destinations.size);
  for (const { destination, source } of group)
    pairs[sources.get(source.host)! * destinations.size + destinations.get(destination.host)!] = 1;
  const failing = pairs.reduce((sum, each) => sum + each, 0);
  const both = [...sources.keys()].filter((name) => destinations.has(name)).length;
  if (failing === pairs.length - both && failing > 2) return [group];
  return group.split(({ destination, source }) => (destinations.size <= sources.size ? destination.host : source.host));
}
