import type { DialogueTraits } from './dialogue.js';
import type { Host, Member } from './inventory.js';
import type { PortSet } from './port-set.js';
import type { HttpProxy } from './proxy.js';
import type { BoundScenario, Expectation, Flow, Occupancy, Rule } from './scenario.js';
import type { Service } from './service.js';

/** Ports, and the service that is to speak there. */
export interface NamedService {
  readonly service: Service;
  readonly ports: PortSet;
}

/** A flow bound to one source host and one destination. Its id is `checkId(check)`, stable from run to run. */
export interface Check {
  readonly flow: PlannedFlow;
  readonly from: Host;
  readonly to: Member;
  /** The destination's address on the flow's network: a literal, or a name that the source resolves. */
  readonly target: string;
  /** The flow's, or `reachable` where before the installation nobody can start what is to answer there. */
  readonly expect: Expectation;
  /** What the flow covers here, exclusions taken out; with sampling, the sample. */
  readonly ports: PortSet;
  /** Of an any-of-ports check: probed first, and if one of them passes nothing else is. A subset of `ports`. */
  readonly prefer: PortSet;
  /** The service of all its ports, where they share one. */
  readonly service: Service | undefined;
  /** Which of its ports speak which service; ports of none are left out. */
  readonly services: readonly NamedService[];
  /** Shared by the checks of which one has to pass: `SCENARIO/FLOW/SOURCE` of a flow with `match: { hosts: any }`. */
  readonly group: string | undefined;
}

/**
 * The checks of one flow, those of one source together. They are made while they are asked for, and made anew each time:
 * a mesh of 1,000 hosts has a million of them.
 */
export interface FlowChecks extends Iterable<Check> {
  readonly length: number;
  /** Those of one source, by its name. */
  ofSource(name: string): readonly Check[];
  /** One check for each destination, from whichever source. */
  byDestination(): readonly Check[];
  /** The sets of ports that they cover, and how many of them cover each. */
  portSets(): ReadonlyMap<PortSet, number>;
}

/** Why a flow has no checks. */
export type FlowState =
  | { readonly kind: 'planned' }
  | { readonly kind: 'skipped'; readonly reason: string }
  /** The flow's sources are endpoints only: nobody can send the probe. */
  | { readonly kind: 'no-vantage'; readonly endpoints: readonly string[]; readonly reason: string };

export interface PlannedFlow {
  /** The scenario instance's name. */
  readonly scenario: string;
  readonly bound: BoundScenario;
  readonly flow: Flow;
  readonly state: FlowState;
  readonly sources: readonly string[];
  readonly destinations: readonly string[];
  /** Endpoints among the source roles, beside hosts that can be logged in to: their part is one `unknown` row. */
  readonly sourcesWithoutVantage: readonly string[];
  /** Destinations without an address on the flow's `network`, beside others that have one: their part is one `unknown` row. */
  readonly destinationsWithoutAddress: readonly string[];
  /** What the flow covers in the documented or overridden values, for display; a check may differ by its host's overrides. */
  readonly ports: PortSet;
  readonly checks: FlowChecks;
  /** For the reader: an undecidable condition, a sample. */
  readonly notes: readonly string[];
}

/** A probe that no flow asks for: it shows that silence towards the same address means something. */
export interface ControlProbe {
  readonly from: string;
  readonly target: string;
  readonly port: number;
}

/** What the documents ask for and `portolan preflight` enforces: listed, so that nothing documented vanishes. */
export interface PreflightItems {
  readonly occupancy: readonly {
    readonly scenario: string;
    readonly item: Occupancy;
    readonly hosts: readonly string[];
    readonly ports: PortSet;
  }[];
  readonly rules: readonly { readonly scenario: string; readonly item: Rule }[];
}

/** Ports that have to be free on one host before the installation. */
export interface PortOccupancy {
  readonly scenario: string;
  readonly item: Occupancy;
  readonly host: Host;
  readonly ports: PortSet;
  /** Who is to answer there one day: if that is who has the port, all is well. */
  readonly services: readonly NamedService[];
}

export interface Plan {
  readonly phase: 'check' | 'preflight';
  readonly scenarios: readonly BoundScenario[];
  readonly flows: readonly PlannedFlow[];
  readonly controls: readonly ControlProbe[];
  readonly preflight: PreflightItems;
  /** Every member that a check of the plan names. */
  readonly members: ReadonlyMap<string, Member>;
  /** Distinct source × address × port; controls are not counted. */
  readonly probes: number;
  /** The same by source, for the hosts that have any. */
  readonly probesBySource: ReadonlyMap<string, number>;
  /** The same by target, as the inventory writes it. */
  readonly probesByTarget: ReadonlyMap<string, number>;
  /** How many of them, and of the controls, are connections to an sshd, by its name. */
  readonly probesBySshd: ReadonlyMap<string, number>;
  /** False under filters or sampling. */
  readonly complete: boolean;
  /**
   * Ports of the MySQL family (by any flow's service, or well known): never touched by a sweep, unless a flow says of
   * that very destination that another service listens there.
   */
  readonly guardedPorts: PortSet;
  readonly dialogues: readonly DialogueTraits[];
}

export function checkId(check: Check): string {
  return `${check.flow.scenario}/${check.flow.flow.id}/${check.from.name}/${check.to.name}`;
}

/** What one vantage is to do, made from a plan: disjoint items, so that nothing is probed twice. */
export interface VantageWork {
  readonly host: Host;
  /** Items with an empty `unlessOpen` are swept first, the others after them, where still needed. */
  readonly sweep: readonly WorkItem[];
  /** Kept from the sweep: connections that the sshd there counts. */
  readonly ssh: readonly SshProbe[];
  readonly dialogues: readonly DialogueItem[];
  /** What is said where items ask; undefined where no temporary listeners are part of the run. */
  readonly token?: string;
}

/** Ports of one target that one sweep is to try. Every check either covers all of an item's ports or none. */
export interface WorkItem {
  readonly target: string;
  readonly ports: PortSet;
  /** True for loopback flows: the source may be its own destination. */
  readonly allowOwnAddress: boolean;
  /** Needless once one of these ports of the same target has answered `open`; empty: always tried. */
  readonly unlessOpen: PortSet;
  /** Our temporary listeners wait there: what connects is said the run's token. */
  readonly ask?: boolean;
}

/** One SSH port of one target. */
export interface SshProbe extends WorkItem {
  /** Whose port it is, as a `PreAuthBudget` names it. */
  readonly sshd: string;
}

/** Ports of one target that a dialogue is to be held with, each by a connection of its own. */
export interface DialogueItem extends WorkItem {
  /** Undefined where a connection through the proxy is all that is asked for. */
  readonly service: Service | undefined;
  /** The proxy that is asked to connect; left out for the direct way. */
  readonly via?: HttpProxy;
  /** True where the sweep tries the ports, and only those that it found open are spoken to. */
  readonly sweptFirst: boolean;
  /** True where one port that identifies itself will do. */
  readonly anyPort: boolean;
  /** The key of a service that is spoken to there first: only ports where somebody said that it is none are spoken to. */
  readonly after?: string;
  /** Of a port that an sshd answers: its name, as a `PreAuthBudget` knows it. */
  readonly sshd: string | undefined;
}
