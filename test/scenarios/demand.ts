import type { Expectation, RuleKind } from '#src/model/scenario.js';

/** What a place of a document asks of the scenarios that transcribe it. */
export interface Demand {
  readonly number: number | `R${number}`;
  readonly places: readonly string[];
  readonly scenarios: readonly string[];
  readonly demanded: Demanded;
}

export type Demanded =
  | {
      readonly kind: 'flow';
      readonly from: readonly string[];
      readonly to: readonly string[];
      readonly ports: string;
      readonly expect: Expectation;
    }
  | { readonly kind: 'occupancy'; readonly on: readonly string[]; readonly ports: string }
  | { readonly kind: 'rule'; readonly rule: RuleKind; readonly roles: readonly string[]; readonly ports: string }
  /** Every flow that cites the places asks for this fact. */
  | { readonly kind: 'condition'; readonly fact: string };

/** A row, a numbered note or a sentence of a document, and the scenarios in which something has to cite it. */
export interface Place {
  readonly place: string;
  readonly scenarios: readonly string[];
}

export type Roles = string | readonly string[];
const list = (roles: Roles): readonly string[] => (typeof roles === 'string' ? [roles] : roles);

/** Gathers the demands of one document on the scenarios that transcribe it. */
export class DemandTable {
  readonly demands: Demand[] = [];

  constructor(
    private readonly document: string,
    private readonly scenarios: readonly string[],
  ) {}

  flow(number: Demand['number'], place: Roles, from: Roles, to: Roles, ports: string, expect: Expectation = 'open') {
    return this.add(number, place, { kind: 'flow', from: list(from), to: list(to), ports, expect });
  }

  occupancy(number: Demand['number'], place: Roles, on: Roles, ports: string) {
    return this.add(number, place, { kind: 'occupancy', on: list(on), ports });
  }

  rule(number: Demand['number'], place: Roles, rule: RuleKind, roles: Roles, ports: string) {
    return this.add(number, place, { kind: 'rule', rule, roles: list(roles), ports });
  }

  condition(number: Demand['number'], place: Roles, fact: string) {
    return this.add(number, place, { kind: 'condition', fact });
  }

  private add(number: Demand['number'], place: Roles, demanded: Demanded): this {
    const at = list(place).map((each) => `${this.document}|${each}`);
    this.demands.push({ number, places: at, scenarios: this.scenarios, demanded });
    return this;
  }
}
