import type { Host, Member } from '../model/inventory.js';
import type { Check, FlowChecks } from '../model/plan.js';
import type { PortSet } from '../model/port-set.js';

/** What the checks of one source are made from. */
export interface CheckRow {
  readonly source: Host;
  readonly destinations: readonly Member[];
  make(): readonly Check[];
}

/** The checks of a flow as rows, one a source, each made when it is asked for. */
export class RowsOfChecks implements FlowChecks {
  readonly length: number;
  readonly #rows: ReadonlyMap<string, CheckRow>;
  readonly #portsAt: (destination: Member) => PortSet;
  #portSets: ReadonlyMap<PortSet, number> | undefined;

  /** @param portsAt what the flow covers at a destination, whichever the source */
  constructor(rows: readonly CheckRow[], portsAt: (destination: Member) => PortSet) {
    this.#rows = new Map(rows.map((row) => [row.source.name, row]));
    this.#portsAt = portsAt;
    this.length = rows.reduce((sum, { destinations }) => sum + destinations.length, 0);
  }

  ofSource(name: string): readonly Check[] {
    return this.#rows.get(name)?.make() ?? [];
  }

  portSets(): ReadonlyMap<PortSet, number> {
    this.#portSets ??= this.#countPortSets();
    return this.#portSets;
  }

  byDestination(): readonly Check[] {
    const known = new Set<Member>();
    const checks: Check[] = [];
    for (const { destinations, make } of this.#rows.values()) {
      if (destinations.every((destination) => known.has(destination))) continue;
      for (const check of make()) {
        if (known.has(check.to)) continue;
        known.add(check.to);
        checks.push(check);
      }
    }
    return checks;
  }

  *[Symbol.iterator](): Iterator<Check> {
    for (const row of this.#rows.values()) yield* row.make();
  }

  #countPortSets(): ReadonlyMap<PortSet, number> {
    const checks = new Map<Member, number>();
    for (const { destinations } of this.#rows.values())
      for (const destination of destinations) checks.set(destination, (checks.get(destination) ?? 0) + 1);
    const sets = new Map<PortSet, number>();
    for (const [destination, number] of checks) {
      const ports = this.#portsAt(destination);
      sets.set(ports, (sets.get(ports) ?? 0) + number);
    }
    return sets;
  }
}
