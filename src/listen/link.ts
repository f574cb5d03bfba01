import { setTimeout as delay } from 'node:timers/promises';
import { ListenerFailure } from '../model/listening.js';
import type { Vantage, VantageFailure } from '../model/vantage.js';
import type { Channel } from '../remote-program/channel.js';
import type { ListenerMessage } from './wire.js';

/** What listeners need of the vantage that they run on. */
export type ListenerHost = Pick<Vantage, 'host' | 'exec' | 'lost'>;

// The program ends when it hears nothing for 6 s.
const heartbeatMs = 2000;
/** Heartbeats in a row without an answer after which the program is dead. */
const mostUnanswered = 4;
const closeMs = 3000;

type Kind = ListenerMessage['type'];

/** The connection to a listener program that runs: it is asked one thing at a time. It is never started again. */
export class ListenerLink {
  /** Why it is no more: a sentence. */
  failure: string | undefined;
  readonly #host: string;
  readonly #channel: Channel<ListenerMessage>;
  readonly #heartbeat: NodeJS.Timeout;
  readonly #lost: Promise<void>;
  #failed!: () => void;
  #unanswered = 0;
  #hear: (message: ListenerMessage) => void = () => {};

  constructor({ host, lost }: ListenerHost, channel: Channel<ListenerMessage>) {
    this.#host = host;
    this.#channel = channel;
    this.#lost = new Promise((resolve) => {
      this.#failed = resolve;
    });
    channel.onMessage = (message) => {
      this.#unanswered = 0;
      this.#hear(message);
    };
    this.#heartbeat = setInterval(() => this.#beat(), heartbeatMs);
    this.#beat();
    void this.#watch(lost);
  }

  /** Says the lines, and gives what is answered up to the message that ends it. Rejects with a {@link ListenerFailure}. */
  async ask(lines: string, end: Kind): Promise<readonly ListenerMessage[]> {
    const heard: ListenerMessage[] = [];
    const whole = new Promise<true>((resolve) => {
      this.#hear = (message) => {
        heard.push(message);
        if (message.type !== end) return;
        // The answer to a heartbeat may follow at once.
        this.#hear = () => {};
        resolve(true);
      };
    });
    if (this.failure === undefined) this.#channel.send(lines);
    await Promise.race([whole, this.#lost]);
    this.#hear = () => {};
    if (heard.at(-1)?.type !== end) throw new ListenerFailure(this.failure);
    return heard;
  }

  /** Ends the program, and waits until it has ended. Never rejects. */
  async close(): Promise<void> {
    this.#fail(`the listener program on ${this.#host} was told to end`);
    this.#channel.end();
    const patience = new AbortController();
    const tooLong = delay(closeMs, 'late', { signal: patience.signal }).catch(() => 'ended');
    if ((await Promise.race([this.#channel.ended, tooLong])) === 'late') this.#channel.kill();
    patience.abort();
  }

  #beat(): void {
    if (this.#unanswered >= mostUnanswered) {
      const seconds = (mostUnanswered * heartbeatMs) / 1000;
      this.#fail(
        `the listener program on ${this.#host} answered nothing for ${seconds} s: the way to the node was cut, or it hangs`,
      );
      this.#channel.kill();
      return;
    }
    this.#unanswered += 1;
    this.#channel.send('h\n');
  }

  async #watch(lost: Promise<VantageFailure>): Promise<void> {
    let failure: VantageFailure | undefined;
    const losing = lost.then((it) => {
      failure = it;
    });
    const how = await Promise.race([this.#channel.ended, losing.then(() => '')]);
    // The end of a process and the loss of the connection that ended it arrive in either order.
    if (failure === undefined && this.failure === undefined) await Promise.race([losing, delay(200)]);
    this.#fail(failure === undefined ? `the listener program on ${this.#host} ${how}` : failure.message);
  }

  #fail(why: string): void {
    if (this.failure !== undefined) return;
    this.failure = why;
    clearInterval(this.#heartbeat);
    this.#failed();
  }
}
