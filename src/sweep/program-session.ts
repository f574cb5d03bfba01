import { setTimeout as delay } from 'node:timers/promises';
import type { EngineName } from '../model/engine.js';
import type { NodeFacts } from '../model/observation.js';
import type { NodeSession, SweepEvent, SweepItem, SweepLimits } from '../model/sweep.js';
import type { Vantage, VantageFailure } from '../model/vantage.js';
import type { Channel } from '../remote-program/channel.js';
import { Coverage } from './coverage.js';
import { giveUp, interrupted, type Untried } from './remainder.js';
import { Turns } from './turns.js';
import { encodeBatch, type Message } from './wire.js';

// The program ends when it hears nothing for 6 s.
const heartbeatMs = 2000;
// The program says how far it is every second.
const silenceMs = 15_000;
const stopMs = 2000;
const closeMs = 3000;
/** Probes that one node may have unanswered; the program lowers it to what its descriptors allow. */
const atOnce = 4096;

export interface ProgramIdentity {
  readonly engine: EngineName;
  readonly interpreter: string;
  readonly blindSpots: readonly string[];
  readonly facts: NodeFacts;
  readonly asksTokens: boolean;
}

/** A session with a program of ours that runs on the node. */
export class ProgramSession implements NodeSession {
  readonly engine: EngineName;
  readonly interpreter: string;
  readonly blindSpots: readonly string[];
  readonly facts: NodeFacts;
  readonly asksTokens: boolean;
  readonly #channel: Channel<Message>;
  readonly #turns = new Turns();
  readonly #heartbeat: NodeJS.Timeout;
  readonly #failed: Promise<Untried>;
  #failure: Untried | undefined;
  #closing = false;
  #rate = 0;
  #batch = 0;

  constructor(identity: ProgramIdentity, channel: Channel<Message>, vantage: Vantage) {
    this.engine = identity.engine;
    this.interpreter = identity.interpreter;
    this.blindSpots = identity.blindSpots;
    this.facts = identity.facts;
    this.asksTokens = identity.asksTokens;
    this.#channel = channel;
    this.#heartbeat = setInterval(() => this.#beat(), heartbeatMs);
    // At once: on a slow way, much of the program's first 6 s may be over.
    this.#beat();
    this.#failed = this.#watch(vantage);
  }

  sweep(
    items: readonly SweepItem[],
    limits: SweepLimits,
    onEvent: (event: SweepEvent) => void,
    signal: AbortSignal,
  ): Promise<void> {
    return this.#turns.next(() => this.#sweep(items, limits, onEvent, signal));
  }

  setRate(rate: number): void {
    this.#rate = rate;
    this.#beat();
  }

  async close(): Promise<void> {
    this.#closing = true;
    clearInterval(this.#heartbeat);
    this.#channel.end();
    const patience = new AbortController();
    const tooLong = delay(closeMs, 'late', { signal: patience.signal }).catch(() => 'ended');
    if ((await Promise.race([this.#channel.ended, tooLong])) === 'late') this.#channel.kill();
    patience.abort();
  }

  #beat(): void {
    this.#channel.send(`h ${this.#rate}\n`);
  }

  async #sweep(
    items: readonly SweepItem[],
    limits: SweepLimits,
    onEvent: (event: SweepEvent) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const coverage = new Coverage(items);
    if (items.length === 0) return;
    if (signal.aborted || this.#failure !== undefined) {
      giveUp(coverage, this.#failure ?? interrupted, onEvent);
      return;
    }
    this.#rate = limits.rate;
    // A signal of its own: the run's is shared by all nodes, and Node warns of a leak at the eleventh listener.
    const end = await this.#run(items, limits, AbortSignal.any([signal]), (event) => {
      coverage.note(event);
      onEvent(event);
    });
    giveUp(coverage, end, onEvent);
  }

  /** Sends the batch and takes its events until it is over; the result is the reason of whatever is missing. */
  #run(
    items: readonly SweepItem[],
    limits: SweepLimits,
    signal: AbortSignal,
    onEvent: (event: SweepEvent) => void,
  ): Promise<Untried> {
    const batch = ++this.#batch;
    let records = 0;
    return new Promise((resolve) => {
      let timer = setTimeout(() => settle(this.#hung()), silenceMs);
      const settle = (end: Untried) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
        this.#channel.onMessage = () => {};
        resolve(signal.aborted ? interrupted : end);
      };
      const stop = () => {
        this.#channel.send('x\n');
        clearTimeout(timer);
        timer = setTimeout(() => settle(this.#hung()), stopMs);
      };
      this.#channel.onMessage = (message: Message) => {
        if (!signal.aborted) timer.refresh();
        if (message.type === 'event') {
          if (message.event.type !== 'progress') records += 1;
          onEvent(message.event);
        }
        if (message.type === 'done' && message.batch === batch) settle(missing(message.records - records));
      };
      signal.addEventListener('abort', stop);
      void this.#failed.then(settle);
      this.#channel.send(encodeBatch(batch, items, { ...limits, atOnce }));
    });
  }

  #hung(): Untried {
    this.#failure ??= engineFailed(`the ${this.engine} prober said nothing for ${silenceMs / 1000} s`);
    this.#channel.kill();
    return this.#failure;
  }

  async #watch(vantage: Vantage): Promise<Untried> {
    let lost: VantageFailure | undefined;
    const losing = vantage.lost.then((failure) => {
      lost = failure;
    });
    const how = await Promise.race([this.#channel.ended, losing.then(() => '')]);
    clearInterval(this.#heartbeat);
    // The end of a process and the loss of the connection that ended it arrive in either order. An end that was asked for
    // needs no cause, and the wait would keep the whole program from ending.
    if (lost === undefined && !this.#closing) await Promise.race([losing, delay(200)]);
    this.#failure ??=
      lost === undefined
        ? engineFailed(`the ${this.engine} prober ${how}`)
        : { kind: 'untried', cause: 'connection-lost', detail: lost.message };
    return this.#failure;
  }
}

function engineFailed(detail: string): Untried {
  return { kind: 'untried', cause: 'engine-failed', detail };
}

function missing(lines: number): Untried {
  return engineFailed(
    lines > 0 ? `${lines} lines of the prober’s answers were lost on the way` : 'the prober left them out',
  );
}
