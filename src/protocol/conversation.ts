import { once } from 'node:events';
import { Duplex, Readable } from 'node:stream';
import type { DialogueContext, Said } from '../model/dialogue.js';
import { Deadline } from './deadline.js';

/** What waiting for the other side brought. `bytes`: what had arrived by then without being understood. */
export type Heard<T> = { readonly kind: 'heard'; readonly value: T } | Unheard;
export type Unheard =
  | { readonly kind: 'closed'; readonly bytes: Buffer }
  | { readonly kind: 'silence'; readonly bytes: Buffer };

/** What a reader makes of the bytes that have arrived: undefined asks for more. */
export type Understand<T> = (bytes: Buffer) => { readonly value: T; readonly length: number } | undefined;

// How long the other side may take to close after we did. Dropping the stream earlier would answer its last words with
// a reset, which some services count as an error.
const farewellMs = 500;
// How long to wait for the rest of a stranger's first line.
const lineMs = 250;

/** Without a signal, the conversation goes on when the run is interrupted. */
type ConversationContext = Pick<DialogueContext, 'timeoutMs' | 'transcript'> & { readonly signal?: AbortSignal };

/**
 * Reads a stream piece by piece whatever the fragmentation, against one deadline, and ends it with FIN instead of RST.
 * Errors of the stream are its end: a dialogue has nothing to say about them but that the other side is gone.
 */
export class Conversation {
  readonly #stream: Duplex;
  readonly #context: ConversationContext;
  readonly #deadline: Deadline;
  readonly #startedAt = performance.now();
  #bytes: Buffer = Buffer.alloc(0);
  #closed = false;
  #spoken = false;
  #ended = false;
  #wake: () => void = () => {};

  constructor(stream: Duplex, context: ConversationContext) {
    this.#stream = stream;
    this.#context = context;
    this.#deadline = new Deadline(context.timeoutMs, context.signal);
    stream.on('data', this.#receive);
    for (const event of ['end', 'close', 'error']) stream.on(event, this.#close);
    // What ended before anybody listened does not say so again, and what release() paused does not go on by itself.
    if (stream.readableEnded || stream.destroyed) this.#closed = true;
    stream.resume();
  }

  /** Milliseconds since the conversation began. */
  get elapsedMs(): number {
    return performance.now() - this.#startedAt;
  }

  /**
   * Waits until the bytes make sense to `understand`, until the other side closes, or until the deadline, the whole
   * dialogue's where none is given. Rejects with the reason of the deadline's signal.
   */
  async hear<T>(understand: Understand<T>, deadline = this.#deadline): Promise<Heard<T>> {
    for (;;) {
      const understood = understand(this.#bytes);
      if (understood !== undefined) {
        this.#bytes = this.#bytes.subarray(understood.length);
        return { kind: 'heard', value: understood.value };
      }
      if (this.#closed) return { kind: 'closed', bytes: this.#bytes };
      const news = new Promise<'news'>((resolve) => {
        this.#wake = () => resolve('news');
      });
      if ((await deadline.race(news)) === 'over') return { kind: 'silence', bytes: this.#bytes };
    }
  }

  /** The first line of somebody who speaks another protocol, or as much of it as comes soon. */
  async firstLine(): Promise<Buffer> {
    const patience = new Deadline(lineMs);
    const heard = await this.hear(
      (bytes) => (bytes.includes(0x0a) || bytes.length >= 256 ? { value: bytes, length: bytes.length } : undefined),
      patience,
    );
    patience.cancel();
    return heard.kind === 'heard' ? heard.value : heard.bytes;
  }

  /** `secrets`: parts of the bytes that the transcript masks. */
  say(bytes: Buffer, secrets: readonly Buffer[] = []): void {
    if (this.#closed || !this.#stream.writable) return;
    this.#context.transcript.sent(bytes, secrets);
    this.#stream.write(bytes);
  }

  /** Gives the stream back, with what was not understood yet, for the protocol that follows: TLS after STARTTLS. */
  release(): Duplex {
    this.#deadline.cancel();
    this.#stream.off('data', this.#receive);
    for (const event of ['end', 'close', 'error']) this.#stream.off(event, this.#close);
    this.#stream.pause();
    const rest = this.#bytes;
    this.#bytes = Buffer.alloc(0);
    if (rest.length === 0) return this.#stream;
    // Last words and the end of the stream may come in one piece; nothing can be put back after an end.
    if (this.#stream.readableEnded) return Duplex.from({ readable: Readable.from([rest]), writable: this.#stream });
    this.#stream.unshift(rest);
    return this.#stream;
  }

  /** Ends our side, lets the other one end its own, and then lets go. */
  async end(): Promise<void> {
    this.#deadline.cancel();
    this.#ended = true;
    if (this.#stream.destroyed) return;
    const closed = once(this.#stream, 'close').catch(() => {});
    this.#stream.end();
    this.#stream.resume();
    const farewell = new Deadline(farewellMs);
    await farewell.race(closed);
    farewell.cancel();
    this.#stream.destroy();
  }

  cancel(): void {
    this.#deadline.cancel();
  }

  readonly #receive = (chunk: Buffer): void => {
    const { transcript } = this.#context;
    if (!this.#spoken) {
      this.#spoken = true;
      transcript.phase('firstByte', this.elapsedMs);
    }
    transcript.received(chunk);
    // Nobody asks for what comes during the farewell, however much it is.
    if (!this.#ended) this.#bytes = Buffer.concat([this.#bytes, chunk]);
    this.#wake();
  };

  readonly #close = (): void => {
    this.#closed = true;
    this.#wake();
  };
}

/** Holds one conversation over a stream to its end: whatever `talk` says, the other side gets its FIN. */
export async function conduct(
  stream: Duplex,
  context: DialogueContext,
  talk: (conversation: Conversation) => Promise<Said>,
): Promise<Said> {
  const conversation = new Conversation(stream, context);
  try {
    const said = await talk(conversation);
    await conversation.end();
    return said;
  } finally {
    conversation.cancel();
  }
}
