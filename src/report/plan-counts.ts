import type { PlannedFlow } from '../model/plan.js';
import { countPorts, type PortSet } from '../model/port-set.js';

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
  let previous: PortSet | undefined;
  let size = 0;
  let probes = 0;
  for (const { ports } of checks) {
    // Most checks of a flow share one set.
    if (ports !== previous) {
      previous = ports;
      size = countPorts(ports);
    }
    probes += size;
  }
  return probes;
}
