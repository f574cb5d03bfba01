/** A deadline for the other side's next move. It stands still while a person is asked. */
export class Patience {
  readonly #onExpiry: (phase: string, afterMs: number) => void;
  #timer: NodeJS.Timeout | undefined;
  #phase: { readonly name: string; readonly milliseconds: number } | undefined;
  #asking = 0;

  constructor(onExpiry: (phase: string, afterMs: number) => void) {
    this.#onExpiry = onExpiry;
  }

  /** Begins to wait for something new. */
  expect(name: string, milliseconds: number): void {
    this.#phase = { name, milliseconds };
    this.#rearm();
  }

  async whileAsking<T>(work: Promise<T>): Promise<T> {
    this.#asking += 1;
    this.#rearm();
    try {
      return await work;
    } finally {
      this.#asking -= 1;
      this.#rearm();
    }
  }

  end(): void {
    this.#phase = undefined;
    this.#rearm();
  }

  #rearm(): void {
    clearTimeout(this.#timer);
    const phase = this.#phase;
    if (phase === undefined || this.#asking > 0) return;
    this.#timer = setTimeout(() => this.#onExpiry(phase.name, phase.milliseconds), phase.milliseconds);
  }
}
