import type { Observations } from '../model/observation.js';
import type { ReportCheck, StreamedFinding } from '../model/report.js';
import { AnsweredAddresses } from './answered.js';
import type { CauseName } from './causes.js';
import { findingOf } from './finding.js';
import { Places } from './place.js';
import { type Knowledge, symptomsOf } from './symptom.js';
import { Ends, type SymptomGroup } from './symptom-group.js';

export interface Conclusion {
  readonly findings: readonly StreamedFinding[];
  /** The same checks, in the same order, each that did not pass naming the finding that weighs most in it. */
  explain(checks: Iterable<ReportCheck>): Iterable<ReportCheck>;
}

/**
 * Puts what did not pass down to causes: one finding for each cause and place, not for each port or check. It is told
 * every check of a report, in order, and keeps none.
 */
export class Diagnosis {
  readonly #knowledge: Knowledge;
  readonly #ends = new Ends();
  readonly #causes = new Map<CauseName, Places>();
  #told = 0;

  constructor(observations: Observations) {
    this.#knowledge = { observations, answered: new AnsweredAddresses(observations) };
  }

  tell(check: ReportCheck): void {
    const position = this.#told++;
    for (const symptom of symptomsOf(check, this.#knowledge)) {
      let places = this.#causes.get(symptom.cause);
      if (places === undefined) {
        places = new Places(symptom.cause, this.#ends);
        this.#causes.set(symptom.cause, places);
      }
      places.add(position, symptom);
    }
  }

  conclude(): Conclusion {
    const groups = [...this.#causes.values()].flatMap((places) => places.groups());
    const order = new Map(groups.map((group) => [group, { weight: weight(group), first: group.at(0).position }]));
    groups.sort((a, b) => {
      const [one, other] = [order.get(a)!, order.get(b)!];
      return one.weight - other.weight || one.first - other.first;
    });
    const names = groups.map((_, index) => `f${index + 1}`);
    const heaviest = this.#heaviest(groups);
    return {
      findings: groups.map((group, index) => findingOf(names[index]!, group, this.#knowledge.observations)),
      explain: (checks) => ({
        *[Symbol.iterator]() {
          let position = 0;
          for (const check of checks) {
            const finding = heaviest[position++]!;
            yield finding === 0 ? check : { ...check, finding: names[finding - 1]! };
          }
        },
      }),
    };
  }

  /** For each check the first of its groups, counted from 1; 0 where it has none. */
  #heaviest(groups: readonly SymptomGroup[]): Int32Array {
    const heaviest = new Int32Array(this.#told);
    for (const [index, group] of groups.entries())
      for (const { position } of group) if (heaviest[position] === 0) heaviest[position] = index + 1;
    return heaviest;
  }
}

/** Findings behind failures come first, then those behind what is unknown, then warnings. */
function weight(group: SymptomGroup): number {
  let least = Number.POSITIVE_INFINITY;
  for (const { sight } of group) least = Math.min(least, sight.weight);
  return least;
}
