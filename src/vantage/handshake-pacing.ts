import { setTimeout as sleep } from 'node:timers/promises';
import { Slots } from './slots.js';

/** A connection that ended before the server had said who it is: what sshd's MaxStartups does to the surplus. */
export class LostBeforeHandshake extends Error {
  override readonly name = 'LostBeforeHandshake';
}

export interface PacingOptions {
  /** Handshakes at once with one sshd. Its default, MaxStartups 10:30:100, drops at random from the 11th on. */
  readonly atOnce: number;
  readonly tries: number;
  readonly random: () => number;
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

const defaults: PacingOptions = {
  atOnce: 6,
  tries: 10,
  random: Math.random,
  wait: async (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
};

/** Keeps the number of unauthenticated connections to each sshd small, and tries again those that it dropped. */
export class HandshakePacing {
  readonly #options: PacingOptions;
  readonly #lanes = new Map<string, Slots>();

  constructor(options: Partial<PacingOptions> = {}) {
    this.#options = { ...defaults, ...options };
  }

  /**
   * Runs a handshake within the limit of its destination. On {@link LostBeforeHandshake} the destination's limit is
   * halved, down to one at a time, and the handshake is tried again after a random wait; the last such error is thrown.
   */
  async run<T>(destination: string, signal: AbortSignal, handshake: () => Promise<T>): Promise<T> {
    const lane = this.#lane(destination);
    for (let tried = 1; ; tried += 1) {
      await lane.take(signal);
      try {
        return await handshake();
      } catch (error) {
        if (!(error instanceof LostBeforeHandshake) || tried >= this.#options.tries) throw error;
        lane.limit = Math.max(1, Math.floor(lane.limit / 2));
      } finally {
        lane.release();
      }
      // From 0.1 s up to 2 s at the most, spread over its whole width: two controllers must not keep meeting.
      const longest = Math.min(2000, 200 * 2 ** (tried - 1));
      await this.#options.wait(100 + this.#options.random() * longest, signal);
    }
  }

  #lane(destination: string): Slots {
    let lane = this.#lanes.get(destination);
    if (lane === undefined) {
      lane = new Slots(this.#options.atOnce);
      this.#lanes.set(destination, lane);
    }
    return lane;
  }
}
