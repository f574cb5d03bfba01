import { setTimeout as delay } from 'node:timers/promises';
import type { Answer } from '../../model/observation.js';
import type { Vantage, VantageFailure } from '../../model/vantage.js';
import type { Channel } from '../../remote-program/channel.js';
import type { RelayMessage } from './wire.js';

/** What a relay needs of the vantage that it dials for. */
export type RelayHost = Pick<Vantage, 'host' | 'exec' | 'lost'>;
export type Untried = Extract<Answer, { kind: 'untried' }>;
export type StreamMessage = Extract<RelayMessage, { stream: number }>;

/** One stream's end of a link. */
export interface StreamListener {
  onMessage(message: StreamMessage): void;
  /** The relay is gone, and the stream with it. */
  onLoss(why: Untried): void;
}

// The relay ends when it hears nothing for 6 s.
const heartbeatMs = 2000;
/** Heartbeats in a row without an answer after which a relay is dead: sooner than silence is believed of any target. */
const mostUnanswered = 4;
const closeMs = 3000;

/** A relay that runs on a node. It is never started again: what it can no longer dial is untried, and says why. */
export class RelayLink {
  /** Why it is no more. */
  failure: Untried | undefined;
  readonly #host: string;
  readonly #channel: Channel<RelayMessage>;
  readonly #streams = new Map<number, StreamListener>();
  readonly #heartbeat: NodeJS.Timeout;
  #last = 0;
  #unanswered = 0;

  constructor({ host, lost }: RelayHost, channel: Channel<RelayMessage>) {
    this.#host = host;
    this.#channel = channel;
    channel.onMessage = (message) => this.#dispatch(message);
    this.#heartbeat = setInterval(() => this.#beat(), heartbeatMs);
    this.#beat();
    void this.#watch(lost);
  }

  /** Asks for a connection; its number is the stream's. */
  open(address: string, port: number, listener: StreamListener): number {
    const stream = ++this.#last;
    this.#streams.set(stream, listener);
    this.send(`o ${stream} ${address} ${port}\n`);
    return stream;
  }

  send(lines: string): void {
    if (this.failure === undefined) this.#channel.send(lines);
  }

  forget(stream: number): void {
    this.#streams.delete(stream);
  }

  async close(): Promise<void> {
    const ended = this.#channel.ended;
    this.#fail({ kind: 'untried', cause: 'interrupted', detail: `the connection to ${this.#host} was closed` });
    this.#channel.end();
    const patience = new AbortController();
    const tooLong = delay(closeMs, 'late', { signal: patience.signal }).catch(() => 'ended');
    if ((await Promise.race([ended, tooLong])) === 'late') this.#channel.kill();
    patience.abort();
  }

  #dispatch(message: RelayMessage): void {
    this.#unanswered = 0;
    if (message.type !== 'ready' && message.type !== 'alive') this.#streams.get(message.stream)?.onMessage(message);
  }

  #beat(): void {
    if (this.#unanswered >= mostUnanswered) {
      const seconds = (mostUnanswered * heartbeatMs) / 1000;
      this.#fail(lostRelay(this.#host, `answered nothing for ${seconds} s: the way to the node was cut, or it hangs`));
      this.#channel.kill();
      return;
    }
    this.#unanswered += 1;
    this.send('h\n');
  }

  async #watch(lost: Promise<VantageFailure>): Promise<void> {
    let failure: VantageFailure | undefined;
    const losing = lost.then((it) => {
      failure = it;
    });
    const how = await Promise.race([this.#channel.ended, losing.then(() => '')]);
    // The end of a process and the loss of the connection that ended it arrive in either order.
    if (failure === undefined && this.failure === undefined) await Promise.race([losing, delay(200)]);
    this.#fail(
      failure === undefined
        ? lostRelay(this.#host, how)
        : { kind: 'untried', cause: 'connection-lost', detail: failure.message },
    );
  }

  #fail(why: Untried): void {
    if (this.failure !== undefined) return;
    this.failure = why;
    clearInterval(this.#heartbeat);
    for (const listener of [...this.#streams.values()]) listener.onLoss(why);
    this.#streams.clear();
  }
}

function lostRelay(host: string, how: string): Untried {
  return { kind: 'untried', cause: 'engine-failed', detail: `the relay on ${host} ${how}` };
}
