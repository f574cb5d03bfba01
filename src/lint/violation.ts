import type { Member } from '../model/inventory.js';
import type { PortSet } from '../model/port-set.js';
import type { BoundScenario, Rule } from '../model/scenario.js';
import type { Listener } from './listeners.js';

/** One way in which an inventory breaks a rule. */
export interface Violation {
  readonly hosts: readonly Member[];
  readonly ports: PortSet;
  /** A plain sentence: on which hosts, which port variable with which value, and what the document allows. */
  readonly sentence: string;
}

/** The value of a port variable on a member that listens there. */
export interface PortUse {
  readonly member: Member;
  readonly variable: string;
  readonly ports: PortSet;
  /** The keys of the services that may answer there. */
  readonly services: ReadonlySet<string>;
  /** Only one port of them is taken, whichever is free. */
  readonly choice: boolean;
}

/** What a rule has to look at. */
export interface RuleView {
  readonly bound: BoundScenario;
  readonly rule: Rule;
  /** The rule's port variables on the members that it speaks of, in the rule's and the inventory's order. */
  readonly uses: readonly PortUse[];
  /** Ports that browsers refuse, but the document does not list, count too. */
  readonly extendedBrowserPorts: boolean;
  /** Everything that the scenario has listening on a member, the rule's ports or not. */
  listenersAt(member: Member): readonly Listener[];
}

/** A kind of rule: what of a view breaks it. */
export type RuleCheck = (view: RuleView) => readonly Violation[];
