import { isIP } from 'node:net';
import { canonicalAddress } from '../model/addresses.js';
import { doublingMs, slowStartRate } from '../model/pacing.js';
import { countPorts } from '../model/port-set.js';
import type { NodeSession, SweepEvent, SweepItem } from '../model/sweep.js';
import { AnswerCount } from './answer-count.js';
import { BackOff } from './back-off.js';
import type { Load, RateBudget } from './rate-budget.js';

// What engines send at most while they try silence again, in connects per second.
const carefulRate = 300;

/** Fewer are lost packets, which happen. */
const leastRevived = 10;

/** How fast one vantage may sweep: its slow start, its back-off, and its share of the run's and the destinations' rates. */
export class NodePace {
  readonly #budget: RateBudget;
  readonly #session: Pick<NodeSession, 'setRate'>;
  readonly #backOff: BackOff;
  readonly #addresses = new Map<string, readonly string[]>();
  #startedAt: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #items: readonly SweepItem[] = [];
  #count = new AnswerCount();
  #load: Load = new Map();
  #stale = false;
  #lookedAt = 0;

  constructor(budget: RateBudget, session: Pick<NodeSession, 'setRate'>, timeoutMs: number) {
    this.#budget = budget;
    this.#session = session;
    this.#backOff = new BackOff(timeoutMs);
  }

  /** True while the vantage is held below its share, because something on the way seems to have enough. */
  get slowed(): boolean {
    return this.#backOff.factor < 1;
  }

  /** For the report: what was slowed down, and why. */
  get notes(): readonly string[] {
    const { reason, worst } = this.#backOff;
    if (reason === undefined) return [];
    const { rate } = this.#budget;
    return [`slowed down to ${rounded(rate * worst)} of ${rate} connects per second: ${reason}`];
  }

  /**
   * Whether what the last sweep left silent is worth another, slower one: the rate was to blame, and slower tries still
   * brought answers. `again`: that sweep itself was of ports that had been silent.
   */
  isDoubtful(again: boolean): boolean {
    if (this.#backOff.worst === 1) return false;
    const { heard, revived } = this.#count;
    return (again ? heard : revived) >= leastRevived;
  }

  /** A sweep begins. Returns its first rate, in connects per second; 0 is no limit. */
  begin(items: readonly SweepItem[]): number {
    this.#startedAt ??= performance.now();
    this.#items = items;
    this.#count = new AnswerCount();
    this.#backOff.beginSweep(performance.now());
    this.#plan();
    return this.#budget.shareOf(this.#session);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#stale = false;
    this.#budget.leave(this.#session);
  }

  note(event: SweepEvent): void {
    if (this.#budget.rate === 0) return;
    switch (event.type) {
      case 'resolved':
        this.#resolved(event.item, event.addresses);
        break;
      case 'name-failure':
        this.#resolved(event.item, []);
        break;
      case 'answers':
        this.#count.add(canonicalAddress(event.address), event.ports, event.answer);
        break;
      case 'progress':
        this.#look();
        break;
    }
  }

  #resolved(item: number, addresses: readonly string[]): void {
    this.#addresses.set(this.#items[item]!.target, addresses);
    if (this.#stale) return;
    // Names come in together, before the first connect.
    this.#stale = true;
    queueMicrotask(() => {
      if (this.#stale) this.#plan();
    });
  }

  #plan(): void {
    this.#stale = false;
    this.#count.expected = this.#expected();
    this.#load = this.#plannedLoad(this.#count.expected);
    this.#apply();
  }

  #look(): void {
    const now = performance.now();
    const seen = this.#count.take();
    const before = this.#backOff.factor;
    if (!this.#count.firstPassOver) this.#backOff.look(seen, now);
    else {
      this.#backOff.beginAgain(now);
      const seconds = (now - this.#lookedAt) / 1000;
      this.#backOff.lookAgain(seen.revived, seconds * Math.min(carefulRate, this.#budget.shareOf(this.#session)), now);
      this.#load = this.#count.silentLoad;
    }
    this.#lookedAt = now;
    if (this.#backOff.factor !== before || this.#count.firstPassOver) this.#apply();
  }

  #apply(): void {
    const { rate } = this.#budget;
    if (rate === 0) return;
    const sweepingMs = performance.now() - this.#startedAt!;
    const limit = slowStartRate(rate, sweepingMs);
    this.#budget.set(this.#session, Math.min(limit, rate * this.#backOff.factor), this.#load);
    clearTimeout(this.#timer);
    if (limit === rate) return;
    this.#timer = setTimeout(() => this.#apply(), doublingMs - (sweepingMs % doublingMs));
  }

  /** Names are resolved before the first connect; until then they stand for themselves. */
  #addressesOf({ target }: SweepItem): readonly string[] {
    return isIP(target) === 0 ? (this.#addresses.get(target) ?? [target]) : [target];
  }

  #expected(): number {
    return this.#items.reduce((sum, item) => sum + countPorts(item.ports) * this.#addressesOf(item).length, 0);
  }

  #plannedLoad(total: number): Load {
    const load = new Map<string, number>();
    if (total === 0) return load;
    for (const item of this.#items)
      for (const address of this.#addressesOf(item)) {
        // Two names of one address, or two ways to write it, are one destination.
        const key = canonicalAddress(address);
        load.set(key, (load.get(key) ?? 0) + countPorts(item.ports) / total);
      }
    return load;
  }
}

function rounded(rate: number): string {
  return rate < 10 ? rate.toFixed(1) : String(Math.round(rate));
}
