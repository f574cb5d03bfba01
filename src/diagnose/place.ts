import { type CauseName, causes, type Scope } from './causes.js';
import type { Symptom } from './symptom.js';
import { type Ends, SymptomGroup } from './symptom-group.js';

/** One firewall rule names few sets of ports. So many different ones are no rule, and are told as one. */
const mostPortSets = 64;
const variousPorts = '';

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
  add(position: number, symptom: Symptom): void {
    let key = placeOf(this.#scope, symptom);
    let group = this.#groups.get(key);
    if (group === undefined && this.#scope === 'path' && this.#groups.size >= mostPortSets) {
      key = variousPorts;
      group = this.#groups.get(key);
    }
    if (group === undefined) {
      group = new SymptomGroup(this.#cause, this.#ends);
      this.#groups.set(key, group);
    }
    group.add(position, symptom);
  }

  /** One group for each finding. */
  groups(): readonly SymptomGroup[] {
    if (this.#scope !== 'path') return [...this.#groups.values()];
    return [...this.#groups].flatMap(([key, group]) => (key === variousPorts ? [group] : splitPaths(group)));
  }
}

function placeOf(scope: Scope, { check, outcome }: Symptom): string {
  switch (scope) {
    case 'destination':
      return check.to ?? '';
    case 'source':
      return check.from ?? '';
    case 'device':
      return outcome.sender ?? '';
    case 'flow':
      return `${check.scenario}/${check.flow}`;
    case 'reason':
      return outcome.reason ?? '';
    case 'path':
      return outcome.ports;
  }
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
