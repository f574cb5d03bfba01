import type { PlannedFlow } from '../model/plan.js';
import { countPorts } from '../model/port-set.js';

/** `1 check`, `999000 checks`: in full digits, which can be compared and searched for. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** The preferred ports may make the others needless: then the number of probes is the most there can be. */
export function probeCount(number: number, flows: readonly PlannedFlow[]): string {
  const atMost = flows.some(({ flow }) => flow.match.ports === 'any' && flow.match.prefer.length > 0);
  return `${atMost ? 'up to ' : ''}${count(number, 'probe')}`;
}

/** The probes of a flow by itself; what it shares with other flows is counted here and there. */
export function probesOfFlow({ checks }: Pick<PlannedFlow, 'checks'>): number {
  let probes = 0;
  for (const [ports, number] of checks.portSets()) probes += countPorts(ports) * number;
  return probes;
}
