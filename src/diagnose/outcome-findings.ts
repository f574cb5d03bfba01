import type { ReportCheck } from '../model/report.js';
import { rejectionOfSilence } from './symptom.js';

/** Numbers, in the order of their making, four bytes each. */
class Column {
  #cells = new Int32Array(64);
  length = 0;

  push(value: number): void {
    if (this.length === this.#cells.length) {
      const larger = new Int32Array(this.length * 2);
      larger.set(this.#cells);
      this.#cells = larger;
    }
    this.#cells[this.length++] = value;
  }

  at(index: number): number {
    return this.#cells[index]!;
  }

  set(index: number, value: number): void {
    this.#cells[index] = value;
  }
}

/** Which finding each outcome of each check is put down to: twelve bytes or so for each, since there may be millions. */
export class OutcomeFindings {
  /** Of each check the first of its symptoms. */
  readonly #starts = new Column();
  /** Of each symptom the place of its outcome in the check, and its finding. */
  readonly #outcomes = new Column();
  readonly #findings = new Column();

  /** The position of the next check. */
  nextCheck(): number {
    this.#starts.push(this.#outcomes.length);
    return this.#starts.length - 1;
  }

  /** The number of the next symptom of that check. */
  nextSymptom(outcome: number): number {
    this.#outcomes.push(outcome);
    this.#findings.push(-1);
    return this.#outcomes.length - 1;
  }

  assign(symptom: number, finding: number): void {
    this.#findings.set(symptom, finding);
  }

  /** The check with its findings: the one that weighs most is the first of them. */
  explain(position: number, check: ReportCheck, names: readonly string[]): ReportCheck {
    const start = this.#starts.at(position);
    const end = position + 1 < this.#starts.length ? this.#starts.at(position + 1) : this.#outcomes.length;
    if (start === end) return check;
    const findingOf = new Map<number, number>();
    let heaviest = Number.POSITIVE_INFINITY;
    for (let symptom = start; symptom < end; symptom++) {
      const finding = this.#findings.at(symptom);
      findingOf.set(this.#outcomes.at(symptom), finding);
      heaviest = Math.min(heaviest, finding);
    }
    const outcomes = check.outcomes.map((outcome, index) => {
      const finding = findingOf.get(index) ?? findingOf.get(rejectionOfSilence(check, outcome) ?? -1);
      return outcome.status === 'pass' || finding === undefined ? outcome : { ...outcome, finding: names[finding]! };
    });
    return { ...check, outcomes, finding: names[heaviest]! };
  }
}
