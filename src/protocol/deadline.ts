/** A moment that may be moved nearer while somebody waits for it. */
export class Deadline {
  readonly #over: Promise<'over'>;
  readonly #signal: AbortSignal | undefined;
  #reach: () => void = () => {};
  #refuse: (reason: unknown) => void = () => {};
  #timer: NodeJS.Timeout;
  #at: number;

  /** With a signal, waiting rejects with its reason once it aborts. */
  constructor(afterMs: number, signal?: AbortSignal) {
    this.#over = new Promise((resolve, reject) => {
      this.#reach = () => resolve('over');
      this.#refuse = reject;
    });
    // Nobody may be waiting when it aborts.
    this.#over.catch(() => {});
    this.#at = performance.now() + afterMs;
    this.#timer = setTimeout(this.#expire, afterMs);
    this.#signal = signal;
    if (signal?.aborted) this.#interrupt();
    signal?.addEventListener('abort', this.#interrupt, { once: true });
  }

  /** Never later than before. */
  within(ms: number): void {
    if (performance.now() + ms >= this.#at) return;
    clearTimeout(this.#timer);
    this.#at = performance.now() + ms;
    this.#timer = setTimeout(this.#expire, ms);
  }

  race<T>(other: Promise<T>): Promise<T | 'over'> {
    return Promise.race([other, this.#over]);
  }

  cancel(): void {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#interrupt);
  }

  // Timers come before input: what arrived in time, while the program was busy with something else, is read first.
  readonly #expire = (): void => {
    setImmediate(this.#reach);
  };

  readonly #interrupt = (): void => this.#refuse(this.#signal?.reason);
}
