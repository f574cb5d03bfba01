import { formatPorts, unionPorts } from '../model/port-set.js';
import { byValue } from './by-value.js';
import type { PortUse, Violation } from './violation.js';
import { listed, namesOf } from './words.js';

/** The port variables that differ between the members of one cluster, each with its sentence, which ends in `why`. */
export function disagreements(uses: readonly PortUse[], why: string): readonly Violation[] {
  const groups = new Map<string, PortUse[]>();
  for (const use of uses) {
    const key = JSON.stringify([use.variable, use.member.cluster]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [use]);
    else group.push(use);
  }
  return [...groups.values()].flatMap((group) => {
    const values = byValue(group);
    if (values.length < 2) return [];
    const { cluster } = group[0]!.member;
    const place = cluster === undefined ? '' : `in the cluster ${cluster}, `;
    const differing = values.map(({ members, ports }) => `${formatPorts(ports)} on ${namesOf(members)}`);
    return [
      {
        hosts: group.map(({ member }) => member),
        ports: unionPorts(...values.map(({ ports }) => ports)),
        sentence: `${place}${values[0]!.variable} is ${listed(differing)}; ${why}`,
      },
    ];
  });
}
