/** A moment by two clocks: the steady one does not run while the machine is suspended, the wall clock does. */
export interface Moment {
  readonly steadyMs: number;
  readonly wallMs: number;
}

export function presentMoment(): Moment {
  return { steadyMs: performance.now(), wallMs: Date.now() };
}

/** A way that was down for less is made up for by TCP, on it and of the probes. */
const noticedMs = 2500;

interface Gap {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Heartbeats with numbers, and the echoes of them: up to when both directions of the way to a node worked, by the
 * controller's own clock. Notices as well when the controller itself stood still. Pure: told what happens, and when.
 */
export class Pulse {
  /** The longest that the controller stood still, and when that was over; undefined where it did not. */
  standstill: { readonly forMs: number; readonly untilMs: number } | undefined;
  readonly #now: () => Moment;
  readonly #beatMs: number;
  readonly #unanswered: { readonly number: number; readonly sentMs: number }[] = [];
  readonly #gaps: Gap[] = [];
  #number = 0;
  #tick: Moment;

  /** @param beatMs how often {@link tick} is called */
  constructor(beatMs: number, now: () => Moment) {
    this.#beatMs = beatMs;
    this.#now = now;
    this.#tick = now();
  }

  get nowMs(): number {
    return this.#now().steadyMs;
  }

  /** A timer of `beatMs` came: later than it was due, the controller stood still. */
  tick(): void {
    const now = this.#now();
    const passed = Math.max(now.steadyMs - this.#tick.steadyMs, now.wallMs - this.#tick.wallMs);
    this.#tick = now;
    const late = passed - this.#beatMs;
    if (late >= noticedMs && passed > (this.standstill?.forMs ?? 0))
      this.standstill = { forMs: passed, untilMs: now.steadyMs };
  }

  /** A heartbeat is sent: its number. */
  beat(): number {
    this.#number += 1;
    this.#unanswered.push({ number: this.#number, sentMs: this.nowMs });
    return this.#number;
  }

  /** The node has heard this heartbeat, and those before it. When it was sent; undefined where that is no news. */
  echoed(number: number): number | undefined {
    const now = this.nowMs;
    const first = this.#unanswered[0];
    if (first === undefined || number < first.number || number > this.#number) return undefined;
    let sentMs = first.sentMs;
    while (this.#unanswered.length > 0 && this.#unanswered[0]!.number <= number)
      sentMs = this.#unanswered.shift()!.sentMs;
    if (now - first.sentMs >= noticedMs) this.#gaps.push({ fromMs: first.sentMs, toMs: now });
    // So many cuts are one.
    if (this.#gaps.length > 1000) this.#gaps.splice(0, 2, { fromMs: this.#gaps[0]!.fromMs, toMs: this.#gaps[1]!.toMs });
    return sentMs;
  }

  /** Whether the way is known to have worked all the time from then until now, but for the heartbeat under way. */
  wasAlive(fromMs: number, toMs: number): boolean {
    const oldest = this.#unanswered[0];
    const gapless = this.#gaps.every((gap) => gap.toMs < fromMs || gap.fromMs > toMs);
    return gapless && (oldest === undefined || oldest.sentMs > toMs);
  }

  /** For how long nothing that was sent has been echoed, where that is longer than it should be; otherwise 0. */
  get cutOffMs(): number {
    const oldest = this.#unanswered[0];
    const waiting = oldest === undefined ? 0 : this.nowMs - oldest.sentMs;
    return waiting >= noticedMs ? waiting : 0;
  }
}
