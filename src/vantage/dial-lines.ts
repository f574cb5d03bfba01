import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import { VantageFailure } from '../model/vantage.js';
import { abortable } from '../remote-program/abortable.js';
import type { Connection } from './connection.js';
import { dialFailure, unsent } from './dial-failures.js';
import { addressAndPort } from './sentences.js';
import { Slots } from './slots.js';

/** Opens that one vantage may have unanswered at once: each holds one of sshd's 1,024 descriptors. */
export const maximumUnanswered = 256;
/** Opens given up but still pending in sshd, which cannot be told to drop them, after which a fresh connection is made. */
export const maximumAbandoned = 500;

/** One connection as far as dialling is concerned. */
interface Line {
  readonly connection: Connection;
  abandoned: number;
  /** Opens awaited, and channels open. */
  busy: number;
  retired: boolean;
}

/** Dials over the connections of one vantage: the first, and fresh ones once too many opens were given up. */
export class DialLines {
  readonly #first: Connection;
  readonly #fresh: (closed: AbortSignal) => Promise<Connection>;
  readonly #closed = new AbortController();
  readonly #lines = new Set<Line>();
  readonly #slots = new Slots(maximumUnanswered);
  #current: Line;
  #renewal: Promise<void> | undefined;

  constructor(first: Connection, fresh: (closed: AbortSignal) => Promise<Connection>) {
    this.#first = first;
    this.#fresh = fresh;
    this.#current = this.#add(first);
  }

  /**
   * See `Vantage.dial`. Aborted before the open was sent, it rejects with `untried`. Whoever measures the target's silence
   * counts from `onSent`, so as not to take a wait of ours for it.
   */
  async dial(address: string, port: number, signal: AbortSignal, onSent?: () => void): Promise<Duplex> {
    const target = addressAndPort(address, port);
    const line = await this.#slot(target, signal);
    line.busy += 1;
    try {
      onSent?.();
      return await this.#open(line, address, port, signal);
    } catch (error) {
      this.#idle(line);
      throw error;
    } finally {
      this.#slots.release();
    }
  }

  /** Closes the fresh connections; the first belongs to the vantage. */
  async close(): Promise<void> {
    this.#closed.abort(new VantageFailure('the vantage was closed'));
    await this.#renewal?.catch(() => {});
    const own = [...this.#lines].map((line) => line.connection).filter((connection) => connection !== this.#first);
    await Promise.all(own.map((connection) => connection.close()));
  }

  async #slot(target: string, signal: AbortSignal): Promise<Line> {
    try {
      await this.#slots.take(signal);
    } catch {
      throw unsent(target, `${maximumUnanswered} others were still unanswered`);
    }
    try {
      if (this.#current.abandoned >= maximumAbandoned) await abortable(this.#renew(), signal);
      return this.#current;
    } catch (error) {
      this.#slots.release();
      throw signal.aborted
        ? unsent(target, 'a fresh connection was still being made')
        : unsent(
            target,
            `a fresh connection could not be made: ${error instanceof Error ? error.message : String(error)}`,
          );
    }
  }

  #renew(): Promise<void> {
    this.#renewal ??= this.#fresh(this.#closed.signal)
      .then((connection) => {
        const old = this.#current;
        this.#current = this.#add(connection);
        old.retired = true;
        this.#closeIfDone(old);
      })
      .finally(() => {
        this.#renewal = undefined;
      });
    return this.#renewal;
  }

  #add(connection: Connection): Line {
    const line: Line = { connection, abandoned: 0, busy: 0, retired: false };
    this.#lines.add(line);
    return line;
  }

  #open(line: Line, address: string, port: number, signal: AbortSignal): Promise<Duplex> {
    const started = performance.now();
    return new Promise((resolve, reject) => {
      let abandoned = false;
      const onAbort = () => {
        abandoned = true;
        line.abandoned += 1;
        reject(signal.reason);
      };
      const onAnswer = (error: Error | undefined, channel: ReturnedChannel) => {
        signal.removeEventListener('abort', onAbort);
        if (abandoned) {
          line.abandoned -= 1;
          if (error === undefined) discard(channel);
          return;
        }
        if (error !== undefined) reject(dialFailure(error, address, port, performance.now() - started));
        else {
          channel.on('error', () => {});
          channel.once('close', () => this.#idle(line));
          resolve(channel);
        }
      };
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        line.connection.client.forwardOut('127.0.0.1', 0, address, port, onAnswer);
      } catch (error) {
        onAnswer(error as Error, undefined as never);
      }
    });
  }

  #idle(line: Line): void {
    line.busy -= 1;
    this.#closeIfDone(line);
  }

  #closeIfDone(line: Line): void {
    if (!line.retired || line.busy > 0 || line.connection === this.#first) return;
    this.#lines.delete(line);
    void line.connection.close();
  }
}

type ReturnedChannel = Parameters<Parameters<Client['forwardOut']>[4] & object>[1];

/** A connection that came after it was given up: nobody may find it open. */
function discard(channel: ReturnedChannel): void {
  channel.on('error', () => {});
  channel.resume();
  channel.destroy();
}
