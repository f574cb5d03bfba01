import { setTimeout as delay } from 'node:timers/promises';
import { Turns } from './turns.js';

/** A timer is late by a millisecond or more: what was missed may be made up for, up to this much. */
const creditMs = 50;

/** Lets through so many a second, in the order of asking; the rate may change at any time, and 0 lifts it. */
export class TokenBucket {
  readonly #turns = new Turns();
  #rate: number;
  #next = performance.now();

  constructor(rate: number) {
    this.#rate = rate;
  }

  setRate(rate: number): void {
    this.#rate = rate;
  }

  /** Rejects with the signal's reason. */
  take(signal: AbortSignal): Promise<void> {
    if (this.#rate <= 0) return Promise.resolve();
    return this.#turns.next(async () => {
      signal.throwIfAborted();
      const wait = this.#next - performance.now();
      if (wait > 0) await delay(wait, undefined, { signal });
      if (this.#rate > 0) this.#next = Math.max(this.#next, performance.now() - creditMs) + 1000 / this.#rate;
    });
  }
}
