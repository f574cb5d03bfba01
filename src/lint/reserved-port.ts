import { overlapPorts } from '../model/port-set.js';
import { type Clash, foldClashes, named } from './clash.js';
import type { RuleView, Violation } from './violation.js';
import { namesOf, valueWith } from './words.js';

/** Nothing else of the scenario has the port on a server on which it is to be kept free for later. */
export function reservedPort({ uses, listenersAt }: RuleView): readonly Violation[] {
  const clashes = uses.flatMap(({ member, variable, ports }): Clash[] =>
    listenersAt(member)
      // Ports that a flow writes down may be the very same listener.
      .filter((other) => other.variable !== undefined && other.variable !== variable && !other.choice)
      .filter((other) => overlapPorts(other.ports, ports))
      .map((b) => ({ member, a: { label: variable, ports }, b })),
  );
  return foldClashes(clashes, ({ a, b }, members, shared) => {
    const value = valueWith(a.ports, shared);
    return `on ${namesOf(members)}, ${a.label} is ${value}, which ${named(b, shared)} has there too; the document wants it reserved`;
  });
}
