/** Whatever can be told a new rate while it sweeps. */
interface Paced {
  setRate(rate: number): void;
}

/**
 * Divides the run's total rate among the vantages that are sweeping, none of which gets more than its own limit.
 * Shares change as vantages begin and end, so that the last one is not held to a share of a crowd that is gone.
 */
export class RateBudget {
  readonly #rate: number;
  readonly #totalRate: number;
  readonly #sweeping = new Set<Paced>();

  /** Both in connects per second; a `rate` of 0 lifts both limits, a `totalRate` of 0 only its own. */
  constructor(rate: number, totalRate: number) {
    this.#rate = rate;
    this.#totalRate = totalRate;
  }

  /** What each of the sweeping vantages may send, in connects per second; 0 is no limit. */
  get share(): number {
    if (this.#rate === 0) return 0;
    if (this.#totalRate === 0) return this.#rate;
    return Math.min(this.#rate, this.#totalRate / Math.max(1, this.#sweeping.size));
  }

  join(paced: Paced): void {
    this.#sweeping.add(paced);
    this.#tell();
  }

  leave(paced: Paced): void {
    this.#sweeping.delete(paced);
    this.#tell();
  }

  #tell(): void {
    for (const paced of this.#sweeping) paced.setRate(this.share);
  }
}
