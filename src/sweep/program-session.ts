import { setTimeout as delay } from 'node:timers/promises';
import type { EngineName } from '../model/engine.js';
import type { NodeFacts } from '../model/observation.js';
import { noPorts } from '../model/port-set.js';
import type { NodeSession, SweepEvent, SweepItem, SweepLimits } from '../model/sweep.js';
import type { Vantage, VantageFailure } from '../model/vantage.js';
import type { Channel } from '../remote-program/channel.js';
import { type Moment, Pulse, presentMoment } from '../remote-program/pulse.js';
import { Coverage } from './coverage.js';
import { LastWords, type Unproven } from './last-words.js';
import { giveUp, interrupted, type Untried } from './remainder.js';
import { Turns } from './turns.js';
import { encodeBatch, type Message } from './wire.js';

// The program ends when it hears nothing for 6 s.
const heartbeatMs = 1000;
// The program says how far it is every second. Counted in heartbeats: a controller that stands still counts none.
const silentBeats = 15;
const stopMs = 2000;
const closeMs = 3000;
/** So long without an echo, a program has ended for want of heartbeats. */
const starvedMs = 5000;
/** What was seen while the node was cut off is tried again so often. */
const mostTries = 3;
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
  readonly #pulse: Pulse;
  #words: LastWords | undefined;
  #closing = false;
  #rate = 0;
  #batch = 0;
  /** Heartbeats since the program said anything, while it sweeps. */
  #unheard = 0;
  #hear: (message: Message) => void = () => {};
  #settled: () => void = () => {};

  constructor(
    identity: ProgramIdentity,
    channel: Channel<Message>,
    vantage: Vantage,
    now: () => Moment = presentMoment,
  ) {
    this.engine = identity.engine;
    this.interpreter = identity.interpreter;
    this.blindSpots = identity.blindSpots;
    this.facts = identity.facts;
    this.asksTokens = identity.asksTokens;
    this.#channel = channel;
    this.#pulse = new Pulse(heartbeatMs, now);
    channel.onMessage = (message) => {
      this.#unheard = 0;
      if (message.type === 'echo') this.#echo(message.number);
      else this.#hear(message);
    };
    this.#heartbeat = setInterval(() => {
      this.#pulse.tick();
      this.#unheard += 1;
      this.#beat();
    }, heartbeatMs);
    // At once: on a slow way, much of the program's first 6 s may be over.
    this.#beat();
    this.#failed = this.#watch(vantage);
  }

  get notes(): readonly string[] {
    const { standstill } = this.#pulse;
    return standstill === undefined ? [] : [`the controller itself stood still for ${seconds(standstill.forMs)} s`];
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
    this.#channel.send(`h ${this.#rate} ${this.#pulse.beat()}\n`);
  }

  #echo(number: number): void {
    const sentMs = this.#pulse.echoed(number);
    if (sentMs === undefined) return;
    this.#words?.settle(sentMs);
    if (this.#words?.areWaiting !== true) this.#settled();
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
    let left = items;
    for (let tries = 1; ; tries++) {
      const words = new LastWords(this.#pulse, limits.timeoutMs, this.facts.addresses ?? []);
      this.#words = words;
      // A signal of its own: the run's is shared by all nodes, and Node warns of a leak at the eleventh listener.
      const own = AbortSignal.any([signal]);
      const note = (event: SweepEvent) => {
        coverage.note(event);
        onEvent(event);
      };
      const end = await this.#run(left, limits, own, (event) => {
        words.note(event, (item) => items.find(({ id }) => id === item)?.ports ?? noPorts);
        note(event);
      });
      if (words.areWaiting && this.#failure === undefined && !signal.aborted) await this.#settle(own);
      const unproven = words.doubted(this.#failure !== undefined || this.#pulse.cutOffMs > 0);
      for (const word of unproven) note({ type: 'unproven', ...word });
      if (unproven.length > 0 && tries < mostTries && this.#failure === undefined && !signal.aborted) {
        left = unproven.map((word) => this.#again(word, items));
        continue;
      }
      giveUp(coverage, unproven.length > 0 && this.#failure === undefined && !signal.aborted ? late : end, onEvent);
      return;
    }
  }

  /** Waits until the node has heard a heartbeat that was sent after all that it said. */
  async #settle(signal: AbortSignal): Promise<void> {
    let stop: () => void = () => {};
    const settled = new Promise<void>((resolve) => {
      this.#settled = resolve;
      stop = resolve;
    });
    signal.addEventListener('abort', stop);
    const watch = this.#watchSilence();
    this.#beat();
    await Promise.race([settled, this.#failed, watch.hung]);
    watch.stop();
    signal.removeEventListener('abort', stop);
    this.#settled = () => {};
  }

  #again({ item, address, ports }: Unproven, items: readonly SweepItem[]): SweepItem {
    const it = items.find(({ id }) => id === item)!;
    return address === undefined ? it : { ...it, target: address, ports };
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
      const watch = this.#watchSilence();
      let timer: NodeJS.Timeout | undefined;
      const settle = (end: Untried) => {
        watch.stop();
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
        this.#hear = () => {};
        resolve(signal.aborted ? interrupted : end);
      };
      const stop = () => {
        this.#channel.send('x\n');
        timer ??= setTimeout(() => settle(this.#hung()), stopMs);
      };
      void watch.hung.then(settle);
      this.#hear = (message: Message) => {
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

  /** `hung` resolves once the program has said nothing for too long, by the heartbeats that it was sent meanwhile. */
  #watchSilence(): { readonly hung: Promise<Untried>; stop(): void } {
    this.#unheard = 0;
    let timer: NodeJS.Timeout | undefined;
    const hung = new Promise<Untried>((resolve) => {
      timer = setInterval(() => {
        if (this.#unheard > silentBeats) resolve(this.#hung());
      }, heartbeatMs);
    });
    return { hung, stop: () => clearInterval(timer) };
  }

  #hung(): Untried {
    const forSeconds = (silentBeats * heartbeatMs) / 1000;
    this.#failure ??= engineFailed(`the ${this.engine} prober said nothing for ${forSeconds} s`);
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
        ? (this.#starved() ?? engineFailed(`the ${this.engine} prober ${how}`))
        : { kind: 'untried', cause: 'connection-lost', detail: lost.message };
    return this.#failure;
  }

  /** Why the program has heard no heartbeat until it ended; undefined where it heard them. */
  #starved(): Untried | undefined {
    const { cutOffMs, nowMs, standstill } = this.#pulse;
    const what = `the ${this.engine} prober heard nothing of the controller and ended`;
    if (standstill !== undefined && standstill.forMs >= starvedMs && nowMs - standstill.untilMs < starvedMs)
      return connectionLost(`the controller itself stood still for ${seconds(standstill.forMs)} s, and ${what}`);
    if (cutOffMs < starvedMs) return undefined;
    return connectionLost(`${what} after ${seconds(cutOffMs)} s: the way to the node was cut, or the node stood still`);
  }
}

const late = connectionLost('the way to the node was cut again and again, or the node stood still');

function seconds(ms: number): number {
  return Math.round(ms / 1000);
}

function connectionLost(detail: string): Untried {
  return { kind: 'untried', cause: 'connection-lost', detail };
}

function engineFailed(detail: string): Untried {
  return { kind: 'untried', cause: 'engine-failed', detail };
}

function missing(lines: number): Untried {
  return engineFailed(
    lines > 0 ? `${lines} lines of the prober’s answers were lost on the way` : 'the prober left them out',
  );
}
