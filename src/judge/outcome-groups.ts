import type { PhaseTimes } from '../model/observation.js';
import { type PortInterval, type PortSet, portSet } from '../model/port-set.js';
import type { Classified } from './classify.js';

/** Ports of one address that came to the same. */
export class OutcomeGroups {
  readonly #groups = new Map<
    string,
    { readonly classified: Classified; readonly intervals: PortInterval[]; phases: PhaseTimes | undefined }
  >();

  add(classified: Classified, ports: PortSet, phases?: PhaseTimes): void {
    const { identified, listened, note, outcome, problem, reason, sender, untried, warning } = classified;
    const key = `${outcome} ${sender} ${untried} ${identified} ${problem} ${listened} ${reason}\n${warning}\n${note}`;
    const known = this.#groups.get(key);
    if (known === undefined) {
      this.#groups.set(key, { classified, intervals: [...ports], phases });
      return;
    }
    known.intervals.push(...ports);
    if (phases !== undefined && totalOf(phases) > totalOf(known.phases ?? {})) known.phases = phases;
  }

  all(): { readonly classified: Classified; readonly ports: PortSet; readonly phases: PhaseTimes | undefined }[] {
    return [...this.#groups.values()].map(({ classified, intervals, phases }) => ({
      classified,
      ports: portSet(intervals),
      phases,
    }));
  }
}

function totalOf({ resolve = 0, connect = 0, tls = 0, firstByte = 0 }: PhaseTimes): number {
  return resolve + connect + tls + firstByte;
}
