import { setTimeout as sleep } from 'node:timers/promises';
import { preAuthConnections, preAuthMarginMs, preAuthWindowMs } from '../model/pacing.js';
import type { PreAuthBudget } from '../model/vantage.js';

export interface Clock {
  /** Milliseconds that only grow. */
  now(): number;
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

const realClock: Clock = {
  now: () => performance.now(),
  sleep: async (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
};

/** Whom a run is waiting for, so that it can say so. */
export interface PreAuthWait {
  readonly sshd: string;
  /** Milliseconds until the next connection may be made. */
  readonly forMs: number;
}

interface Connection {
  /** When it ended, where that is known; else when it began. */
  at: number;
}

interface Lane {
  /** The last ones; never more than the budget. */
  readonly connections: Connection[];
  /** The end of the queue of those who wait. */
  last: Promise<void>;
  waiting: number;
}

/** At most ten connections to one sshd within 15 s, in a sliding window. */
export class PreAuthWindow implements PreAuthBudget {
  readonly #clock: Clock;
  readonly #lanes = new Map<string, Lane>();
  #refused: { readonly sshd: string; readonly until: number } | undefined;

  constructor(clock: Clock = realClock) {
    this.#clock = clock;
  }

  async take(sshd: string, signal: AbortSignal): Promise<() => void> {
    const lane = this.#lane(sshd);
    const turn = lane.last.then(() => this.#wait(sshd, lane, signal));
    lane.last = turn.then(
      () => {},
      () => {},
    );
    lane.waiting += 1;
    try {
      const connection = await turn;
      return () => {
        connection.at = this.#clock.now();
      };
    } finally {
      lane.waiting -= 1;
    }
  }

  tryTake(sshd: string): number {
    const lane = this.#lane(sshd);
    const wait = this.#untilFree(lane);
    // Logins go first: without them there is nothing to probe from.
    if (wait === 0 && lane.waiting === 0) {
      this.#begin(lane);
      return 0;
    }
    const forMs = Math.max(wait, preAuthMarginMs);
    this.#refused = { sshd, until: this.#clock.now() + forMs };
    return forMs;
  }

  /** Whom somebody was told to wait for, while that holds. */
  get waiting(): PreAuthWait | undefined {
    const forMs = (this.#refused?.until ?? 0) - this.#clock.now();
    return this.#refused === undefined || forMs <= 0 ? undefined : { sshd: this.#refused.sshd, forMs };
  }

  async #wait(sshd: string, lane: Lane, signal: AbortSignal): Promise<Connection> {
    signal.throwIfAborted();
    for (let wait = this.#untilFree(lane); wait > 0; wait = this.#untilFree(lane)) {
      this.#refused = { sshd, until: this.#clock.now() + wait };
      await this.#clock.sleep(wait, signal);
    }
    return this.#begin(lane);
  }

  #untilFree({ connections }: Lane): number {
    if (connections.length < preAuthConnections) return 0;
    return Math.max(0, Math.ceil(oldest(connections).at + preAuthWindowMs + preAuthMarginMs - this.#clock.now()));
  }

  #begin({ connections }: Lane): Connection {
    if (connections.length >= preAuthConnections) connections.splice(connections.indexOf(oldest(connections)), 1);
    const connection = { at: this.#clock.now() };
    connections.push(connection);
    return connection;
  }

  #lane(sshd: string): Lane {
    let lane = this.#lanes.get(sshd);
    if (lane === undefined) {
      lane = { connections: [], last: Promise.resolve(), waiting: 0 };
      this.#lanes.set(sshd, lane);
    }
    return lane;
  }
}

function oldest(connections: readonly Connection[]): Connection {
  return connections.reduce((a, b) => (b.at < a.at ? b : a));
}

/** For `--rate 0`: nobody waits. */
export const unlimitedPreAuth: PreAuthBudget = {
  take: async () => () => {},
  tryTake: () => 0,
};
