import type { ReportCheck } from '../../model/report.js';
import { PairFold } from './names.js';
import { outcomeText } from './outcome-text.js';

/** Rows of one flow; what is beyond is counted. */
const mostRows = 20;
const mostNotes = 10;

/** Each note, and how many checks it is of. */
export class NoteCounts {
  readonly #counts = new Map<string, number>();
  #checks = 0;
  #beyond = 0;

  constructor(readonly verbose: boolean) {}

  add({ notes }: ReportCheck): void {
    this.#checks++;
    for (const note of notes) {
      const known = this.#counts.get(note);
      if (known === undefined && !this.verbose && this.#counts.size >= mostNotes) this.#beyond++;
      else this.#counts.set(note, (known ?? 0) + 1);
    }
  }

  lines(): string[] {
    const lines = [...this.#counts].map(([note, count]) =>
      count === this.#checks ? note : `${note} (${count} of ${this.#checks})`,
    );
    if (this.#beyond > 0) lines.push(`and ${this.#beyond.toLocaleString('en-US')} more notes; -v shows them`);
    return lines;
  }
}

/** Checks that read the same but for their hosts. */
export interface FoldedRow {
  readonly first: ReportCheck;
  readonly pairs: PairFold;
  /** Of each outcome in their order, or of the check where it has none. */
  readonly findings: readonly Set<string>[];
}

/** The checks of one flow and status, those that read alike in one row. */
export class FlowFold {
  readonly first: ReportCheck;
  readonly notes: NoteCounts;
  count = 0;
  /** Checks that no row shows. */
  beyond = 0;
  readonly #verbose: boolean;
  #rows = new Map<string, FoldedRow>();
  /** With very many rows, those that differ by their finding only become one. */
  #byFinding = true;

  constructor(first: ReportCheck, verbose: boolean) {
    this.first = first;
    this.notes = new NoteCounts(verbose);
    this.#verbose = verbose;
  }

  get rows(): Iterable<FoldedRow> {
    return this.#rows.values();
  }

  add(check: ReportCheck): void {
    this.count++;
    this.notes.add(check);
    const row = this.#rowOf(check);
    if (row === undefined) this.beyond++;
    else {
      row.pairs.add(check.from ?? check.fromRole ?? '', check.to ?? check.toRole ?? '');
      for (const [index, finding] of findingsOf(check).entries())
        if (finding !== undefined) row.findings[index]!.add(finding);
    }
  }

  #rowOf(check: ReportCheck): FoldedRow | undefined {
    const key = keyOf(check, this.#byFinding);
    const known = this.#rows.get(key);
    if (known !== undefined) return known;
    if (!this.#verbose && this.#rows.size >= mostRows) {
      if (!this.#byFinding) return undefined;
      this.#mergeFindings();
      return this.#rowOf(check);
    }
    const row = { first: check, pairs: new PairFold(), findings: findingsOf(check).map(() => new Set<string>()) };
    this.#rows.set(key, row);
    return row;
  }

  #mergeFindings(): void {
    this.#byFinding = false;
    const merged = new Map<string, FoldedRow>();
    for (const row of this.#rows.values()) {
      const key = keyOf(row.first, false);
      const known = merged.get(key);
      if (known === undefined) {
        merged.set(key, row);
        continue;
      }
      known.pairs.merge(row.pairs);
      for (const [index, findings] of row.findings.entries())
        for (const finding of findings) known.findings[index]!.add(finding);
    }
    this.#rows = merged;
  }
}

function findingsOf({ finding, outcomes }: ReportCheck): readonly (string | undefined)[] {
  return outcomes.length === 0 ? [finding ?? undefined] : outcomes.map((outcome) => outcome.finding);
}

function keyOf(check: ReportCheck, byFinding: boolean): string {
  let key = `${byFinding ? findingsOf(check) : ''}\n${check.ports}`;
  for (const outcome of check.outcomes) key += `\n${outcome.status}\n${outcome.ports}\n${outcomeText(check, outcome)}`;
  return key;
}

/** The checks of one flow that passed. */
export class FlowTally {
  readonly first: ReportCheck;
  readonly notes = new NoteCounts(false);
  readonly ports = new Set<string>();
  count = 0;
  readonly #medians = new Map<number, number>();

  constructor(first: ReportCheck) {
    this.first = first;
  }

  add(check: ReportCheck): void {
    this.count++;
    this.notes.add(check);
    this.ports.add(check.ports);
    if (check.latencyMs === null) return;
    const { median } = check.latencyMs;
    this.#medians.set(median, (this.#medians.get(median) ?? 0) + 1);
  }

  /** The middle one of the checks' medians, in milliseconds. */
  get medianMs(): number | undefined {
    const sorted = [...this.#medians].sort(([a], [b]) => a - b);
    const total = sorted.reduce((sum, [, count]) => sum + count, 0);
    let seen = 0;
    for (const [median, count] of sorted) {
      seen += count;
      if (seen * 2 >= total) return median;
    }
    return undefined;
  }
}
