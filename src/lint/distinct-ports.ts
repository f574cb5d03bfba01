import type { Member } from '../model/inventory.js';
import { overlapPorts } from '../model/port-set.js';
import { type Clash, foldClashes, named } from './clash.js';
import { haveOneService } from './listeners.js';
import type { PortUse, RuleView, Violation } from './violation.js';
import { namesOf, portText } from './words.js';

/** Two components of one host have two ports: those that the rule names, and what else the scenario puts there. */
export function distinctPorts(view: RuleView): readonly Violation[] {
  const byMember = new Map<Member, PortUse[]>();
  for (const use of view.uses.filter(({ choice }) => !choice)) {
    const uses = byMember.get(use.member);
    if (uses === undefined) byMember.set(use.member, [use]);
    else uses.push(use);
  }
  const clashes = [...byMember.values()].flatMap((uses) =>
    uses.flatMap((use, index) => [...clashesAmong(use, uses.slice(index + 1)), ...clashesWithOthers(use, view)]),
  );
  return foldClashes(clashes, ({ a, b }, members, shared) => {
    const both = `${named(a, shared)} and ${named(b, shared)}`;
    return `on ${namesOf(members)}, ${both} share ${portText(shared)}; each needs a port of its own`;
  });
}

function clashesAmong(use: PortUse, others: readonly PortUse[]): readonly Clash[] {
  return others
    .filter(({ ports }) => overlapPorts(ports, use.ports))
    .map(({ variable, ports }) => clash(use, { label: variable, ports }));
}

/** What the rule does not name may be the same service under another name: a business database beside the project's own. */
function clashesWithOthers(use: PortUse, { rule, listenersAt }: RuleView): readonly Clash[] {
  return listenersAt(use.member)
    .filter(({ choice, variable }) => !choice && variable !== undefined && !rule.ports.includes(variable))
    .filter((other) => overlapPorts(other.ports, use.ports) && !haveOneService(other, use))
    .map((other) => clash(use, other));
}

function clash({ member, variable, ports }: PortUse, b: Clash['b']): Clash {
  return { member, a: { label: variable, ports }, b };
}
