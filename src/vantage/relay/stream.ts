import { Duplex } from 'node:stream';
import { encodeData, windowBytes } from './wire.js';

/** One connection of the node's, carried by its relay. */
export class RelayStream extends Duplex {
  /** How long the connect took, in microseconds, where the relay can tell. */
  readonly connectUs: number | undefined;
  readonly #stream: number;
  readonly #send: (lines: string) => void;
  #maySend = windowBytes;
  #untold = 0;
  #waiting: (() => void) | undefined;

  /** `send` takes lines for the relay. */
  constructor(stream: number, connectUs: number | undefined, send: (lines: string) => void) {
    super();
    this.#stream = stream;
    this.connectUs = connectUs;
    this.#send = send;
  }

  /** Bytes from the other side. */
  arrived(bytes: Buffer): void {
    this.#untold += bytes.length;
    this.push(bytes);
  }

  /** The other side will send no more. */
  endArrived(): void {
    this.push(null);
  }

  /** The relay has given so many bytes to the kernel. */
  credited(count: number): void {
    this.#maySend += count;
    this.#waiting?.();
  }

  override _read(): void {
    // Only what is wanted is asked for: what nobody reads stays on the node, and there with its sender.
    if (this.#untold === 0) return;
    this.#send(`w ${this.#stream} ${this.#untold}\n`);
    this.#untold = 0;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const now = chunk.subarray(0, this.#maySend);
    this.#maySend -= now.length;
    if (now.length > 0) this.#send(encodeData(this.#stream, now));
    const rest = chunk.subarray(now.length);
    if (rest.length === 0) {
      done();
      return;
    }
    this.#waiting = () => {
      this.#waiting = undefined;
      this._write(rest, _encoding, done);
    };
  }

  override _final(done: () => void): void {
    this.#send(`f ${this.#stream}\n`);
    // What the relay still holds would be dropped with the stream.
    const whenAllWasTaken = () => {
      if (this.#maySend < windowBytes) return;
      this.#waiting = undefined;
      done();
    };
    this.#waiting = whenAllWasTaken;
    whenAllWasTaken();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#waiting = undefined;
    this.#send(`x ${this.#stream}\n`);
    done(error);
  }
}
