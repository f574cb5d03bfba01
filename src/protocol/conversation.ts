import { once } from 'node:events';
import type { Duplex } from 'node:stream';

/** What waiting for the other side brought. `bytes`: what had arrived by then without being understood. */
export type Heard<T> =
  | { readonly kind: 'heard'; readonly value: T }
  | { readonly kind: 'closed'; readonly bytes: Buffer }
  | { readonly kind: 'silence'; readonly bytes: Buffer };

/** What a reader makes of the bytes that have arrived: undefined asks for more. */
export type Understand<T> = (bytes: Buffer) => { readonly value: T; readonly length: number } | undefined;

// How long the other side may take to close after we did. Dropping the stream earlier would answer its last words with
// a reset, which some services count as an error.
const farewellMs = 500;

/**
 * Reads a stream piece by piece whatever the fragmentation, against one deadline, and ends it with FIN instead of RST.
 * Errors of the stream are its end: a dialogue has nothing to say about them but that the other side is gone.
 */
export class Conversation {
  private bytes: Buffer = Buffer.alloc(0);
  private closed = false;
  private wake: () => void = () => {};

  constructor(private readonly stream: Duplex) {
    const close = () => {
      this.closed = true;
      this.wake();
    };
    stream.on('data', (chunk: Buffer) => {
      this.bytes = Buffer.concat([this.bytes, chunk]);
      this.wake();
    });
    stream.on('end', close);
    stream.on('close', close);
    stream.on('error', close);
  }

  /** Waits until the bytes make sense to `understand`, until the other side closes, or until `deadline` says so. */
  async hear<T>(understand: Understand<T>, deadline: Deadline): Promise<Heard<T>> {
    for (;;) {
      const understood = understand(this.bytes);
      if (understood !== undefined) {
        this.bytes = this.bytes.subarray(understood.length);
        return { kind: 'heard', value: understood.value };
      }
      if (this.closed) return { kind: 'closed', bytes: this.bytes };
      const news = new Promise<'news'>((resolve) => {
        this.wake = () => resolve('news');
      });
      if ((await deadline.race(news)) === 'over') return { kind: 'silence', bytes: this.bytes };
    }
  }

  say(bytes: Buffer): void {
    if (!this.closed && this.stream.writable) this.stream.write(bytes);
  }

  /** Ends our side, lets the other one end its own, and then lets go. */
  async end(): Promise<void> {
    if (this.stream.destroyed) return;
    const closed = once(this.stream, 'close').catch(() => {});
    this.stream.end();
    this.stream.resume();
    const farewell = new Deadline(farewellMs);
    await farewell.race(closed);
    farewell.cancel();
    this.stream.destroy();
  }
}

/** A moment that may be moved nearer while somebody waits for it. */
export class Deadline {
  private readonly over: Promise<'over'>;
  private reach: () => void = () => {};
  private timer: NodeJS.Timeout;
  private at: number;

  constructor(afterMs: number) {
    this.over = new Promise((resolve) => {
      this.reach = () => resolve('over');
    });
    this.at = performance.now() + afterMs;
    this.timer = setTimeout(this.reach, afterMs);
  }

  /** Never later than before. */
  within(ms: number): void {
    if (performance.now() + ms >= this.at) return;
    clearTimeout(this.timer);
    this.at = performance.now() + ms;
    this.timer = setTimeout(this.reach, ms);
  }

  race<T>(other: Promise<T>): Promise<T | 'over'> {
    return Promise.race([other, this.over]);
  }

  cancel(): void {
    clearTimeout(this.timer);
  }
}
