import type { Answer } from '../model/observation.js';
import type { SweepEvent, SweepLimits } from '../model/sweep.js';
import { DialFailure, type Vantage, VantageFailure } from '../model/vantage.js';
import type { DialRow } from './dial-rows.js';
import { probeOrder } from './order.js';
import { ProofOfLife } from './proof-of-life.js';
import { interrupted, type Untried } from './remainder.js';
import { TokenBucket } from './token-bucket.js';

// sshd has 1,024 descriptors and cannot be told to give an open up: at most 256 unanswered, some left for dialogues.
const atOnce = 240;
const carefulRate = 300;
const carefulAtOnce = 64;
const flushMs = 1000;

/**
 * Connects by way of `dial`. Resolves with the reason of whatever it did not get to; undefined where it got to
 * everything.
 */
export class DialEngine {
  readonly #vantage: Vantage;
  readonly #rows: readonly DialRow[];
  readonly #starts: readonly number[];
  readonly #total: number;
  readonly #limits: SweepLimits;
  readonly #bucket: TokenBucket;
  readonly #onEvent: (event: SweepEvent) => void;
  readonly #signal: AbortSignal;
  readonly #life: ProofOfLife;
  readonly #careful = new TokenBucket(carefulRate);
  #stopped: Untried | undefined;
  #confirmation: Promise<Untried | undefined> | undefined;
  #probes = 0;

  constructor(
    vantage: Vantage,
    rows: readonly DialRow[],
    limits: SweepLimits,
    bucket: TokenBucket,
    onEvent: (event: SweepEvent) => void,
    signal: AbortSignal,
  ) {
    this.#vantage = vantage;
    this.#rows = rows;
    this.#limits = limits;
    this.#bucket = bucket;
    this.#onEvent = onEvent;
    this.#signal = signal;
    this.#life = new ProofOfLife(vantage, signal);
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
        const silent = this.#rows.flatMap((row) => (row.answered ? row.silent : []));
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
    const timeout = AbortSignal.timeout(Math.ceil(this.#limits.timeoutMs));
    const startedAt = performance.now();
    try {
      const stream = await this.#vantage.dial(row.address, port, AbortSignal.any([this.#signal, timeout]));
      row.noteTime((performance.now() - startedAt) * 1000);
      // FIN at once; what the service still says is not wanted, and must not hold the channel up.
      stream.on('error', () => {});
      stream.resume();
      stream.end();
      stream.once('end', () => stream.destroy());
      setTimeout(() => stream.destroy(), 1000).unref();
      return { kind: 'connected' };
    } catch (error) {
      if (error instanceof DialFailure) {
        if (error.answer.kind === 'error' && error.answer.errno === 'ECONNREFUSED')
          row.noteTime((performance.now() - startedAt) * 1000);
        return this.#judged(error.answer, row.address);
      }
      if (this.#signal.aborted) this.#stopped ??= interrupted;
      else if (timeout.aborted) return this.#silence();
      else if (error instanceof VantageFailure)
        this.#stopped ??= { kind: 'untried', cause: 'connection-lost', detail: error.message };
      else throw error;
      return undefined;
    }
  }

  async #silence(): Promise<Answer | undefined> {
    const dead = await this.#life.wanted();
    if (dead === undefined) return { kind: 'silence', afterMs: this.#limits.timeoutMs };
    this.#stopped ??= dead;
    return undefined;
  }

  async #judged(answer: Answer, address: string): Promise<Answer> {
    if (answer.kind !== 'untried') return answer;
    if (answer.cause === 'connection-lost') this.#stopped ??= answer;
    if (answer.cause !== 'forwarding-forbidden') return answer;
    this.#confirmation ??= this.#confirmForbidden(answer);
    const forbidden = await this.#confirmation;
    if (forbidden !== undefined) {
      this.#stopped ??= forbidden;
      return forbidden;
    }
    const detail = `sshd forwards to other addresses, but not to ${address}: see PermitOpen (${answer.detail})`;
    return { ...answer, detail };
  }

  /** PermitOpen forbids some addresses, AllowTcpForwarding and DisableForwarding all: then its own loopback, too. */
  async #confirmForbidden(answer: Untried): Promise<Untried | undefined> {
    try {
      const stream = await this.#vantage.dial(
        '127.0.0.1',
        1,
        AbortSignal.any([this.#signal, AbortSignal.timeout(3000)]),
      );
      stream.on('error', () => {});
      stream.destroy();
    } catch (error) {
      if (error instanceof DialFailure && error.answer.kind === 'untried') return { ...answer };
    }
    return undefined;
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
