import type { Member } from './inventory.js';

// How the command line's filters and the inventory's waivers name flows and members.

/** `FLOW` names the flow of that id in every scenario, `SCENARIO/FLOW` the one; SCENARIO is the instance's name. */
export function matchesFlow(selector: string, scenario: string, flow: string): boolean {
  return selector === flow || selector === `${scenario}/${flow}`;
}

/** A host's or endpoint's own name, or a role that it holds: they share one namespace. */
export function matchesMember(selector: string, member: Pick<Member, 'name' | 'roles'>): boolean {
  return selector === member.name || member.roles.includes(selector);
}
