import type { Host } from '../model/inventory.js';
import type { Check, FlowChecks } from '../model/plan.js';

/** What the checks of one source are made from. */
export interface CheckRow {
  readonly source: Host;
  readonly count: number;
  make(): readonly Check[];
}

/** The checks of a flow as rows, one a source, each made when it is asked for. */
export class RowsOfChecks implements FlowChecks {
  readonly length: number;
  readonly #rows: ReadonlyMap<string, CheckRow>;

  constructor(rows: readonly CheckRow[]) {
    this.#rows = new Map(rows.map((row) => [row.source.name, row]));
    this.length = rows.reduce((sum, { count }) => sum + count, 0);
  }

  ofSource(name: string): readonly Check[] {
    return this.#rows.get(name)?.make() ?? [];
  }

  *[Symbol.iterator](): Iterator<Check> {
    for (const row of this.#rows.values()) yield* row.make();
  }
}
