import { Duplex } from 'node:stream';
import { Deadline } from '../deadline.js';

// As much of the server's first flight as is worth keeping: its certificates, mostly.
const mostBytes = 64 * 1024;
// As for the first line of any stranger: see conversation.ts.
const lineMs = 250;

/**
 * What TLS is spoken through. Keeps what the server says during the handshake, which is in the clear where it does not
 * speak TLS, and keeps the stream below open when a handshake fails, so that it is heard to its end and ends with FIN.
 */
export class Tap extends Duplex {
  readonly #stream: Duplex;
  #heard: Buffer = Buffer.alloc(0);
  #listening = true;
  #ended = false;
  #wake: () => void = () => {};

  constructor(stream: Duplex) {
    super();
    this.#stream = stream;
    stream.on('data', this.#receive);
    for (const event of ['end', 'close', 'error']) stream.on(event, this.#end);
    if (stream.readableEnded || stream.destroyed) this.#end();
  }

  /** What the server has said until the handshake was over. */
  get heard(): Buffer {
    return this.#heard;
  }

  /** Whether the server has closed its side. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The handshake is over: from here on the stream lives and dies with what is spoken over it. */
  adopt(): void {
    this.#listening = false;
    this.#heard = Buffer.alloc(0);
  }

  /** The first line of a server that does not speak TLS, or as much of it as comes soon. */
  async firstLine(): Promise<Buffer> {
    const patience = new Deadline(lineMs);
    this.#stream.resume();
    while (!this.#ended && !this.#heard.includes(0x0a) && this.#heard.length < 256) {
      const news = new Promise<'news'>((resolve) => {
        this.#wake = () => resolve('news');
      });
      if ((await patience.race(news)) === 'over') break;
    }
    patience.cancel();
    return this.#heard;
  }

  override _read(): void {
    this.#stream.resume();
  }

  // Errors of the stream are its end, which is told by itself.
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.#stream.writable) this.#stream.write(chunk, () => done());
    else done();
  }

  override _final(done: () => void): void {
    if (!this.#listening && this.#stream.writable) this.#stream.end(() => done());
    else done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (!this.#listening) this.#stream.destroy();
    done(error);
  }

  readonly #receive = (chunk: Buffer): void => {
    if (this.#listening && this.#heard.length < mostBytes) this.#heard = Buffer.concat([this.#heard, chunk]);
    if (!this.destroyed && !this.push(chunk)) this.#stream.pause();
    this.#wake();
  };

  readonly #end = (): void => {
    if (this.#ended) return;
    this.#ended = true;
    if (!this.destroyed) this.push(null);
    this.#wake();
  };
}
