/** A counting semaphore whose waits can be aborted and whose limit may shrink (p-limit's can do neither). */
export class Slots {
  limit: number;
  #taken = 0;
  readonly #waiting = new Set<() => void>();

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Waits, first come first served, for a slot. Rejects with the signal's reason. */
  async take(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#taken < this.limit && this.#waiting.size === 0) {
      this.#taken += 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const granted = () => {
        signal.removeEventListener('abort', aborted);
        resolve();
      };
      const aborted = () => {
        this.#waiting.delete(granted);
        reject(signal.reason);
      };
      this.#waiting.add(granted);
      signal.addEventListener('abort', aborted, { once: true });
    });
  }

  /** Gives a slot back. */
  release(): void {
    this.#taken -= 1;
    for (const granted of this.#waiting) {
      if (this.#taken >= this.limit) return;
      this.#waiting.delete(granted);
      this.#taken += 1;
      granted();
    }
  }
}
