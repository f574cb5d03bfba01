/** Writes the fields of an SSH message (RFC 4251, section 5), and of OpenSSH's multiplexing (its PROTOCOL.mux). */
export class MessageWriter {
  readonly #parts: Buffer[] = [];

  byte(value: number): this {
    this.#parts.push(Buffer.from([value]));
    return this;
  }

  boolean(value: boolean): this {
    return this.byte(value ? 1 : 0);
  }

  uint32(value: number): this {
    const part = Buffer.alloc(4);
    part.writeUInt32BE(value);
    this.#parts.push(part);
    return this;
  }

  string(value: string | Buffer): this {
    const bytes = typeof value === 'string' ? Buffer.from(value) : value;
    this.uint32(bytes.length);
    this.#parts.push(bytes);
    return this;
  }

  /** The message behind its length, as it goes over the socket. */
  framed(): Buffer {
    const length = this.#parts.reduce((sum, part) => sum + part.length, 0);
    const head = Buffer.alloc(4);
    head.writeUInt32BE(length);
    return Buffer.concat([head, ...this.#parts]);
  }
}

/** Reads the fields of one message in their order. Throws a RangeError where the message is too short. */
export class MessageReader {
  readonly #message: Buffer;
  #offset = 0;

  constructor(message: Buffer) {
    this.#message = message;
  }

  byte(): number {
    this.#offset += 1;
    return this.#message.readUInt8(this.#offset - 1);
  }

  boolean(): boolean {
    return this.byte() !== 0;
  }

  uint32(): number {
    this.#offset += 4;
    return this.#message.readUInt32BE(this.#offset - 4);
  }

  bytes(): Buffer {
    const length = this.uint32();
    const start = this.#offset;
    if (start + length > this.#message.length) throw new RangeError('a string goes beyond its message');
    this.#offset += length;
    return this.#message.subarray(start, this.#offset);
  }

  string(): string {
    return this.bytes().toString();
  }
}

/** ssh refuses longer ones as well (PACKET_MAX_SIZE of its source): what claims more is no message. */
const longest = 256 * 1024;

/** Cuts what a socket delivers into messages. Throws a RangeError where it is no sequence of messages. */
export class MessageCutter {
  #chunks: Buffer[] = [];
  #held = 0;

  push(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    const messages: Buffer[] = [];
    while (this.#held >= 4) {
      const length = this.#whole(4).readUInt32BE(0);
      if (length > longest) throw new RangeError(`a message of ${length} bytes`);
      if (this.#held < 4 + length) break;
      const data = this.#whole(4 + length);
      messages.push(data.subarray(4, 4 + length));
      this.#chunks =
        data.length === 4 + length ? this.#chunks.slice(1) : [data.subarray(4 + length), ...this.#chunks.slice(1)];
      this.#held -= 4 + length;
    }
    return messages;
  }

  /** The first chunk, made to hold at least so many bytes. */
  #whole(wanted: number): Buffer {
    const [first] = this.#chunks;
    if (first!.length >= wanted) return first!;
    const joined = Buffer.concat(this.#chunks);
    this.#chunks = [joined];
    return joined;
  }
}
