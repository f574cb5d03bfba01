import { unresolved } from '../literals.js';
import type { Place, ProposedRule } from '../request.js';
import { addressesText, namesText } from '../words.js';

/** Rules of the same destinations: a cloud keeps them together, in the group that the destinations are in. */
export interface DestinationGroup {
  readonly destinations: readonly Place[];
  readonly rules: readonly ProposedRule[];
}

export function destinationGroups(rules: readonly ProposedRule[]): readonly DestinationGroup[] {
  const groups = new Map<string, { readonly destinations: readonly Place[]; readonly rules: ProposedRule[] }>();
  for (const rule of rules) {
    const key = rule.destinations.map(({ address }) => address).join(' ');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { destinations: rule.destinations, rules: [rule] });
    else group.rules.push(rule);
  }
  return [...groups.values()];
}

/** `exa-n[11:12] (10.10.0.11, 10.10.0.12)`. */
export function groupText({ destinations }: DestinationGroup): string {
  return `${namesText(destinations)} (${addressesText(destinations)})`;
}

/** Sources that a group cannot be told; its destinations are those that are in it, whatever their addresses. */
export function leftOutOf({ rules }: DestinationGroup): readonly string[] {
  return [...new Set(rules.flatMap(({ sources }) => unresolved(sources, 'source')))];
}

const longestDescription = 255;

/** What AWS takes as the description of a rule. */
export function awsDescription(text: string): string {
  const allowed = text.replace(/[^a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]+/g, '-');
  return allowed.length <= longestDescription ? allowed : `${allowed.slice(0, longestDescription - 3)}...`;
}
