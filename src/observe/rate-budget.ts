import { destinationRate, dialoguePart } from '../model/pacing.js';

/** Whatever can be told a new rate while it sweeps. */
export interface Paced {
  setRate(rate: number): void;
}

/** Which part of a vantage's probes goes to which destination; the parts add up to 1. */
export type Load = ReadonlyMap<string, number>;

interface Member {
  limit: number;
  load: Load;
  told: number;
}

/**
 * Divides the run's total rate and each destination's among the vantages that are sweeping, none of which gets more than
 * its own limit. An engine visits its ports evenly interleaved, and so the load of a vantage on a destination is its rate
 * times the part of its ports that are there. Shares change as vantages begin and end, so that the last one is not held
 * to a share of a crowd that is gone. Whatever happens, everybody's share is above 0.
 */
export class RateBudget {
  /** Connects per second of one vantage; 0 lifts every limit. */
  readonly rate: number;
  readonly #totalRate: number;
  readonly #members = new Map<Paced, Member>();
  /** By destination: what it would get if everybody made one connect a second. */
  readonly #pressure = new Map<string, number>();
  #left = 1;

  /** Both in connects per second; a `rate` of 0 lifts every limit, a `totalRate` of 0 only its own. */
  constructor(rate: number, totalRate: number) {
    this.rate = rate;
    this.#totalRate = totalRate === 0 ? Number.POSITIVE_INFINITY : totalRate;
  }

  /** From now on, dialogues make connects too. Returns how many a second: to one destination and in all; 0 is no limit. */
  reserveForDialogues(): { readonly destination: number; readonly total: number } {
    if (this.rate === 0) return { destination: 0, total: 0 };
    this.#left = 1 - dialoguePart;
    this.#divide();
    const total = this.#totalRate * dialoguePart;
    return { destination: destinationRate * dialoguePart, total: Number.isFinite(total) ? total : 0 };
  }

  /** Takes a vantage in, or changes what it wants: at most `limit` connects per second, distributed as in `load`. */
  set(paced: Paced, limit: number, load: Load): void {
    if (this.rate === 0) return;
    const known = this.#members.get(paced);
    if (known?.load !== load) {
      if (known !== undefined) this.#press(known.load, -1);
      this.#press(load, 1);
    }
    this.#members.set(paced, { limit: Math.min(limit, this.rate), load, told: known?.told ?? 0 });
    this.#divide();
  }

  leave(paced: Paced): void {
    const member = this.#members.get(paced);
    if (member === undefined) return;
    this.#members.delete(paced);
    this.#press(member.load, -1);
    this.#divide();
  }

  /** What a vantage that was taken in may send, in connects per second; 0 is no limit. */
  shareOf(paced: Paced): number {
    return this.rate === 0 ? 0 : this.#members.get(paced)!.told;
  }

  #press(load: Load, sign: 1 | -1): void {
    for (const [destination, part] of load) {
      const pressure = (this.#pressure.get(destination) ?? 0) + sign * part;
      // What adding and taking away leaves of nothing.
      if (pressure < 1e-9) this.#pressure.delete(destination);
      else this.#pressure.set(destination, pressure);
    }
  }

  #divide(): void {
    const caps = [...this.#members].map(([paced, member]) => ({ paced, member, cap: this.#capOf(member) }));
    const level = waterLevel(
      caps.map(({ cap }) => cap),
      this.#totalRate * this.#left,
    );
    const shares = caps.map(({ cap, member, paced }) => ({ paced, member, share: Math.min(cap, level) }));
    // Who has to give something up is told first.
    shares.sort((a, b) => a.share - a.member.told - (b.share - b.member.told));
    for (const { member, paced, share } of shares) {
      if (share === member.told) continue;
      member.told = share;
      paced.setRate(share);
    }
  }

  /** If everybody with a part in a destination keeps to this, their sum there is within its rate. */
  #capOf({ limit, load }: Member): number {
    let cap = limit;
    for (const destination of load.keys())
      cap = Math.min(cap, (destinationRate * this.#left) / (this.#pressure.get(destination) ?? 1));
    return cap;
  }
}

/** The highest level such that the sum of min(cap, level) is at most `total`. */
function waterLevel(caps: readonly number[], total: number): number {
  let left = total;
  let waiting = caps.length;
  for (const cap of [...caps].sort((a, b) => a - b)) {
    if (cap * waiting > left) return left / waiting;
    left -= cap;
    waiting -= 1;
  }
  return Number.POSITIVE_INFINITY;
}
