import type { FactValue } from './inventory.js';
import type { PortSet } from './port-set.js';
import type { Service } from './service.js';

export const expectations = ['open', 'reachable', 'closed', 'filtered'] as const;
export type Expectation = (typeof expectations)[number];

export const phases = ['preflight', 'check', 'both'] as const;
type Phase = (typeof phases)[number];

export const severities = ['error', 'advisory'] as const;
export type Severity = (typeof severities)[number];

/** A comparison on facts, `to.reserve`, `version < 4 and not from.direct`; see docs/scenarios.md. */
export type Condition =
  | { readonly kind: 'fact'; readonly side: 'from' | 'to'; readonly fact: string }
  | {
      readonly kind: 'compare';
      readonly side: 'from' | 'to';
      readonly fact: string;
      readonly operator: '==' | '!=' | '<' | '<=' | '>' | '>=';
      readonly value: FactValue;
    }
  | { readonly kind: 'not'; readonly operand: Condition }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Condition[] };

export interface When {
  /** As the scenario writes it. */
  readonly text: string;
  readonly condition: Condition;
}

export interface ScenarioPort {
  readonly name: string;
  readonly title: string | undefined;
  readonly default: PortSet;
  readonly service: Service | undefined;
}

/** A part of a flow's port set: a variable, whose value a site may override, or ports written down. */
export type PortReference = { readonly variable: string } | { readonly ports: PortSet };

export interface FlowMatch {
  readonly ports: 'all' | 'any';
  readonly hosts: 'all' | 'any';
  readonly exclude: readonly PortReference[];
  readonly prefer: readonly PortReference[];
}

/** The network of `network: loopback`: the flow's target is 127.0.0.1 of the source itself. */
export const loopbackNetwork = 'loopback';
/** `from: "*"`: every other host of the site. */
export const anyHost = '*';

export interface Flow {
  readonly id: string;
  readonly title: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly port: readonly PortReference[];
  readonly expect: Expectation;
  readonly cite: readonly string[];
  readonly match: FlowMatch;
  /** `true`: the source itself as destination beside others; `only`: nothing but that. */
  readonly self: boolean | 'only';
  readonly when: When | undefined;
  readonly severity: Severity;
  readonly phase: Phase;
  readonly withinCluster: boolean;
  readonly network: string | undefined;
  readonly service: Service | undefined;
  readonly remark: string | undefined;
}

/** Ports that must be free on a role's hosts before the installation. Enforced by `portolan preflight`. */
export interface Occupancy {
  readonly id: string;
  readonly title: string;
  readonly on: readonly string[];
  readonly port: readonly PortReference[];
  readonly match: { readonly ports: 'all' | 'any'; readonly exclude: readonly PortReference[] };
  readonly when: When | undefined;
  readonly severity: Severity;
  readonly cite: readonly string[];
  readonly remark: string | undefined;
}

/** The lint rules a scenario may state; each looks at the inventory only. Enforced by `portolan preflight`. */
export const ruleKinds = [
  'privileged-ports',
  'browser-unsafe-ports',
  'same-port-everywhere',
  'consistent-ports',
  'reserved-port',
  'distinct-ports',
  'fixed-ports',
] as const;
export type RuleKind = (typeof ruleKinds)[number];

/**
 * The id of the rule, stated by no scenario, that what two of them have on one host is on different ports. It is a rule of
 * the one whose name comes first in the alphabet, and named for the other.
 */
export function overlapRuleId(other: string): string {
  return `overlaps-${other}`;
}

/** The id of the row, stated by no document, that what a flow leads to is free before the installation. */
export function freePortsId(flow: string): string {
  return `free-for-${flow}`;
}

export interface Rule {
  readonly id: string;
  readonly title: string;
  readonly rule: RuleKind;
  /** Names of the port variables it speaks of. */
  readonly ports: readonly string[];
  readonly roles: readonly string[];
  readonly when: When | undefined;
  readonly severity: Severity;
  readonly cite: readonly string[];
  readonly remark: string | undefined;
}

export interface DocumentReference {
  /** What citations call it, `Exasol ports`, where its title is too long to be repeated in every one of them. */
  readonly short?: string;
  readonly title: string;
  readonly url: string | undefined;
}

export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly document: DocumentReference;
  /** Further documents that flows cite, where one scenario is made of several. */
  readonly furtherDocuments: readonly DocumentReference[];
  readonly roles: ReadonlyMap<string, { readonly title: string }>;
  readonly ports: ReadonlyMap<string, ScenarioPort>;
  /** Declared facts and their defaults; undefined where there is none: what asks for it is then undecidable. */
  readonly facts: ReadonlyMap<string, { readonly title: string | undefined; readonly default: FactValue | undefined }>;
  readonly flows: readonly Flow[];
  readonly occupancy: readonly Occupancy[];
  readonly rules: readonly Rule[];
  readonly file: string;
  readonly sha256: string;
}

/** A scenario with the site's values: what the plan is made from. */
export interface BoundScenario {
  /** The instance's name, which reports and filters use. */
  readonly name: string;
  readonly scenario: Scenario;
  readonly ports: ReadonlyMap<string, PortSet>;
  /** The site's word on who answers at a port variable, over the scenario's. */
  readonly services: ReadonlyMap<string, Service>;
  readonly facts: ReadonlyMap<string, FactValue>;
}
