import { canonicalAddress } from '../model/addresses.js';
import type { AddressObservation, Observations } from '../model/observation.js';

/** Which addresses answered a source on any port. Made for one source at a time: checks come source by source. */
export class AnsweredAddresses {
  readonly #observations: Observations;
  #source: string | undefined;
  #addresses: ReadonlySet<string> = new Set();

  constructor(observations: Observations) {
    this.#observations = observations;
  }

  has(source: string, address: string): boolean {
    if (source !== this.#source) {
      this.#addresses = this.#addressesOf(source);
      this.#source = source;
    }
    return this.#addresses.has(canonicalAddress(address));
  }

  #addressesOf(source: string): ReadonlySet<string> {
    const answered = new Set<string>();
    for (const { addresses } of this.#observations.targets.get(source)?.values() ?? [])
      for (const observed of addresses) if (hasAnswered(observed)) answered.add(canonicalAddress(observed.address));
    return answered;
  }
}

function hasAnswered({ segments, spoken }: AddressObservation): boolean {
  // What a proxy brings says nothing of the way from here.
  return [...segments, ...spoken.filter(({ via }) => via === undefined)].some(
    ({ answer }) =>
      answer.kind === 'connected' ||
      answer.kind === 'dialogue' ||
      (answer.kind === 'error' && answer.errno === 'ECONNREFUSED'),
  );
}
