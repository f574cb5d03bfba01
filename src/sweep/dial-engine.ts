import type { Answer } from '../model/observation.js';
import type { SweepEvent, SweepLimits } from '../model/sweep.js';
import type { Vantage } from '../model/vantage.js';
import type { DialRow } from './dial-rows.js';
import { Dialler } from './dialler.js';
import { letGo } from './let-go.js';
import { probeOrder } from './order.js';
import { interrupted, type Untried } from './remainder.js';
import { TokenBucket } from './token-bucket.js';

// sshd has 1,024 descriptors and cannot be told to give an open up: at most 256 unanswered, some left for dialogues and
// for proofs of life.
const atOnce = 220;
const carefulRate = 300;
const carefulAtOnce = 64;
const flushMs = 1000;

/**
 * Connects by way of `dial`. Resolves with the reason of whatever it did not get to; undefined where it got to
 * everything.
 */
export class DialEngine {
  readonly #rows: readonly DialRow[];
  readonly #starts: readonly number[];
  readonly #total: number;
  readonly #limits: SweepLimits;
  readonly #bucket: TokenBucket;
  readonly #onEvent: (event: SweepEvent) => void;
  readonly #signal: AbortSignal;
  readonly #dialler: Dialler;
  readonly #careful = new TokenBucket(carefulRate);
  #stopped: Untried | undefined;
  #probes = 0;

  constructor(
    vantage: Vantage,
    rows: readonly DialRow[],
    limits: SweepLimits,
    bucket: TokenBucket,
    onEvent: (event: SweepEvent) => void,
    signal: AbortSignal,
  ) {
    this.#rows = rows;
    this.#limits = limits;
    this.#bucket = bucket;
    this.#onEvent = onEvent;
    this.#signal = signal;
    this.#dialler = new Dialler(vantage, signal);
    let total = 0;
    this.#starts = rows.map(({ count }) => {
      total += count;
      return total - count;
    });
    this.#total = total;
  }

  async run(): Promise<Untried | undefined> {
    const flushing = setInterval(() => this.#flush(), flushMs);
    try {
      await this.#pass(probeOrder(this.#total, this.#limits.seed), atOnce, true);
      for (let again = 0; again < 2; again++) {
        // By address: flows of one port each are rows of their own, and no worse off than a range.
        const lively = new Set(this.#rows.filter(({ answered }) => answered).map(({ address }) => address));
        const silent = this.#rows.flatMap((row) => (lively.has(row.address) ? row.silent : []));
        for (const row of this.#rows) row.silent = [];
        if (silent.length === 0 || !(await this.#pass(silent, carefulAtOnce, false))) break;
      }
    } finally {
      clearInterval(flushing);
      this.#flush();
    }
    for (const row of this.#rows) {
      const latency = row.latency();
      if (latency !== undefined) this.#onEvent(latency);
    }
    return this.#stopped;
  }

  /** True where something answered. */
  async #pass(order: Iterable<number>, most: number, first: boolean): Promise<boolean> {
    const probes = order[Symbol.iterator]();
    let changed = false;
    const work = async () => {
      for (let next = probes.next(); !next.done && this.#stopped === undefined; next = probes.next()) {
        const answer = await this.#probe(next.value, first);
        if (answer !== undefined && answer.kind !== 'silence') changed = true;
      }
    };
    await Promise.all(Array.from({ length: Math.min(most, this.#total) }, work));
    return changed;
  }

  async #probe(index: number, first: boolean): Promise<Answer | undefined> {
    const which = this.#rowOf(index);
    const row = this.#rows[which]!;
    const port = row.port(index - this.#starts[which]!);
    try {
      if (!first) await this.#careful.take(this.#signal);
      await this.#bucket.take(this.#signal);
    } catch {
      this.#stopped ??= interrupted;
    }
    let answer = this.#stopped === undefined ? await this.#dial(row, port) : undefined;
    // Its turn did not come before its time was over: the next may.
    for (let again = 0; again < 2 && isShortage(answer) && this.#stopped === undefined; again++)
      answer = await this.#dial(row, port);
    if (answer === undefined) return undefined;
    if (first) this.#probes += 1;
    if (answer.kind === 'silence') row.silent.push(index);
    else if (answer.kind !== 'untried') row.answered = true;
    // A second silence says nothing new, and a probe that could not be repeated takes nothing back.
    if (first || (answer.kind !== 'silence' && answer.kind !== 'untried')) row.note(port, answer);
    return answer;
  }

  /** Undefined where the sweep was stopped meanwhile. */
  async #dial(row: DialRow, port: number): Promise<Answer | undefined> {
    const dialled = await this.#dialler.dial(row.address, port, this.#limits.timeoutMs);
    if (dialled.kind === 'stream') {
      row.noteTime(dialled.afterUs);
      void letGo(dialled.stream);
      return { kind: 'connected' };
    }
    const { answer } = dialled;
    if (answer.kind === 'error' && answer.errno === 'ECONNREFUSED') row.noteTime(dialled.afterUs);
    if (answer.kind === 'untried' && (answer.cause === 'interrupted' || answer.cause === 'connection-lost')) {
      this.#stopped ??= answer;
      return undefined;
    }
    return answer;
  }

  #rowOf(index: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle]! <= index) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #flush(): void {
    for (const row of this.#rows) for (const event of row.answers()) this.#onEvent(event);
    if (this.#probes > 0) this.#onEvent({ type: 'progress', probes: this.#probes });
    this.#probes = 0;
  }
}

function isShortage(answer: Answer | undefined): boolean {
  return answer?.kind === 'untried' && answer.cause === 'out-of-sockets';
}
