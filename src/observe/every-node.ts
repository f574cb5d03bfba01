import { setMaxListeners } from 'node:events';

/** Does the same with many nodes at once. A bug in one ends the others properly first: nothing of ours is left on a node. */
export class EveryNode {
  /** Aborted with the run, and by a bug. */
  readonly signal: AbortSignal;
  readonly #bug = new AbortController();
  readonly #bugs: unknown[] = [];

  constructor(signal: AbortSignal) {
    this.signal = AbortSignal.any([signal, this.#bug.signal]);
    // Every dialogue under way listens to it.
    setMaxListeners(0, this.signal);
  }

  /** Never rejects: the results are those of the things whose work brought one, in their order. */
  async all<T, R>(things: readonly T[], work: (thing: T) => Promise<R>): Promise<R[]> {
    const settled = await Promise.allSettled(
      things.map((thing) =>
        work(thing).catch((error: unknown) => {
          this.#bugs.push(error);
          this.#bug.abort();
          throw error;
        }),
      ),
    );
    return settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  }

  /** Throws the first bug, where there was one. */
  throwBug(): void {
    if (this.#bugs.length > 0) throw this.#bugs[0];
  }
}
