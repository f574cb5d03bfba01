import { formatPorts } from '../model/port-set.js';
import { byValue } from './by-value.js';
import type { RuleView, Violation } from './violation.js';
import { namesOf } from './words.js';

/** Ports that the product cannot be told to change have the documented value. */
export function fixedPorts({ bound, uses }: RuleView): readonly Violation[] {
  return byValue(uses).flatMap(({ members, ports, variable }) => {
    const documented = formatPorts(bound.scenario.ports.get(variable)?.default ?? []);
    const value = formatPorts(ports);
    if (value === documented) return [];
    const sentence = `on ${namesOf(members)}, ${variable} is ${value}; the document has it at ${documented}, and says that it cannot be changed`;
    return [{ hosts: members, ports, sentence }];
  });
}
