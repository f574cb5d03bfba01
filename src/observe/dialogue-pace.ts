import { TokenBucket } from '../sweep/token-bucket.js';
import type { RateBudget } from './rate-budget.js';

/** Keeps the dialogues of all vantages within the tenth of the run's and of each destination's rate that is theirs. */
export class DialoguePace {
  readonly #budget: RateBudget;
  readonly #destinations = new Map<string, TokenBucket>();
  #total: TokenBucket | undefined;
  #destinationRate = 0;

  constructor(budget: RateBudget) {
    this.#budget = budget;
  }

  /** Waits until a dialogue with this address may begin. Rejects with the signal's reason. */
  async take(address: string, signal: AbortSignal): Promise<void> {
    if (this.#budget.rate === 0) return;
    if (this.#total === undefined) {
      const { destination, total } = this.#budget.reserveForDialogues();
      this.#destinationRate = destination;
      this.#total = new TokenBucket(total);
    }
    let bucket = this.#destinations.get(address);
    if (bucket === undefined) {
      bucket = new TokenBucket(this.#destinationRate);
      this.#destinations.set(address, bucket);
    }
    await bucket.take(signal);
    await this.#total.take(signal);
  }
}
