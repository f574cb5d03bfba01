import type { Observations } from '../model/observation.js';
import type { ReportCheck, StreamedFinding } from '../model/report.js';
import type { CauseName } from './causes.js';
import { type Explained, findingOf } from './finding.js';
import { joined } from './joined.js';
import { OutcomeFindings } from './outcome-findings.js';
import { Places } from './place.js';
import { type Knowledge, symptomsOf } from './symptom.js';
import { Ends } from './symptom-group.js';
import { Witness } from './witness.js';

export interface Conclusion {
  readonly findings: readonly StreamedFinding[];
  /**
   * The same checks, in the same order. Each that did not pass names the finding that weighs most in it, and each of its
   * outcomes that did not its own.
   */
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
  readonly #outcomes = new OutcomeFindings();

  constructor(observations: Observations) {
    this.#knowledge = { observations, witness: new Witness(observations) };
  }

  tell(check: ReportCheck): void {
    const position = this.#outcomes.nextCheck();
    for (const symptom of symptomsOf(check, this.#knowledge)) {
      let places = this.#causes.get(symptom.cause);
      if (places === undefined) {
        places = new Places(symptom.cause, this.#ends);
        this.#causes.set(symptom.cause, places);
      }
      places.add(position, this.#outcomes.nextSymptom(symptom.index), symptom);
    }
  }

  conclude(): Conclusion {
    const all = joined([...this.#causes.values()].flatMap((places) => places.groups()));
    const order = new Map(all.map((each) => [each, { weight: weight(each), first: each.group.at(0).position }]));
    const sorted = [...all].sort((a, b) => {
      const [one, other] = [order.get(a)!, order.get(b)!];
      return one.weight - other.weight || one.first - other.first;
    });
    const names = sorted.map((_, index) => `f${index + 1}`);
    const outcomes = this.#outcomes;
    for (const [index, { followers, group }] of sorted.entries())
      for (const each of [group, ...followers]) for (const { serial } of each) outcomes.assign(serial, index);
    return {
      findings: sorted.map((each, index) => findingOf(names[index]!, each, this.#knowledge)),
      explain: (checks) => ({
        *[Symbol.iterator]() {
          let position = 0;
          for (const check of checks) yield outcomes.explain(position++, check, names);
        },
      }),
    };
  }
}

/** Findings behind failures come first, then those behind what is unknown, then warnings. */
function weight({ followers, group }: Explained): number {
  let least = Number.POSITIVE_INFINITY;
  for (const each of [group, ...followers]) for (const { sight } of each) least = Math.min(least, sight.weight);
  return least;
}
