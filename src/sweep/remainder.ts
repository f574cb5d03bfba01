import type { Answer } from '../model/observation.js';
import { countPorts } from '../model/port-set.js';
import type { SweepEvent } from '../model/sweep.js';
import type { Coverage } from './coverage.js';

export type Untried = Extract<Answer, { kind: 'untried' }>;

export const interrupted: Untried = { kind: 'untried', cause: 'interrupted', detail: 'the run was interrupted' };

/** Reports everything that was not answered as untried. */
export function giveUp(coverage: Coverage, answer: Untried, onEvent: (event: SweepEvent) => void): void {
  let probes = 0;
  for (const { item, address, ports } of coverage.remainders()) {
    onEvent({ type: 'answers', item, address, ports, answer });
    probes += countPorts(ports);
  }
  if (probes > 0) onEvent({ type: 'progress', probes });
}
