import { randomBytes } from 'node:crypto';
import { finished } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { RemoteProcess, Vantage } from '../model/vantage.js';

const tailLength = 400;
/** What a process may still have in its pipes when it has ended: a child of its own may hold them open for ever. */
const drainMs = 1000;

export interface OpenChannel<Message> {
  readonly channel: Channel<Message>;
  readonly nonce: string;
}

/**
 * Starts a shell that takes its script from the channel, and makes up the nonce that the script's sentences carry. Rejects
 * with a `VantageFailure` where the host runs no command. `command`: what starts the shell.
 */
export async function openChannel<Message>(
  vantage: Pick<Vantage, 'exec'>,
  decode: (text: string) => Message | undefined,
  command = 'sh -s',
): Promise<OpenChannel<Message>> {
  const nonce = randomBytes(8).toString('hex');
  return { channel: new Channel(await vantage.exec(command), nonce, decode), nonce };
}

/** The sentences of one remote process, picked out of whatever else the node prints: motd, `.bashrc`, warnings. */
export class Channel<Message> {
  /** Resolves with how it ended, as a clause for the report: "ended with exit code 1: no such file". */
  readonly ended: Promise<string>;
  onMessage: (message: Message) => void = () => {};
  readonly #process: RemoteProcess;
  readonly #mark: string;
  readonly #decode: (text: string) => Message | undefined;
  #partial = '';
  #noise = '';

  /** `decode` reads what follows the nonce on a line; undefined where it is no sentence of the program's. */
  constructor(process: RemoteProcess, nonce: string, decode: (text: string) => Message | undefined) {
    this.#process = process;
    this.#mark = `${nonce} `;
    this.#decode = decode;
    process.stdin.on('error', () => {});
    process.stdout.on('error', () => {});
    process.stderr.on('error', () => {});
    process.stdout.setEncoding('utf8');
    process.stdout.on('data', (text: string) => this.#read(text));
    process.stderr.setEncoding('utf8');
    process.stderr.on('data', (text: string) => this.#keep(text));
    this.ended = this.#wholeEnd();
  }

  send(text: string): void {
    if (this.#process.stdin.writable) this.#process.stdin.write(text);
  }

  /** Closes the program's stdin, on which it ends. */
  end(): void {
    this.#process.stdin.end();
  }

  kill(): void {
    this.#process.kill();
  }

  async #wholeEnd(): Promise<string> {
    const { code, signal } = await this.#process.exited;
    const drained = Promise.allSettled([finished(this.#process.stdout), finished(this.#process.stderr)]);
    const patience = new AbortController();
    await Promise.race([drained, delay(drainMs, undefined, { signal: patience.signal }).catch(() => {})]);
    patience.abort();
    const how = signal !== null ? `was ended by ${signal}` : code === null ? 'ended' : `ended with exit code ${code}`;
    const noise = this.#noise.trim().replaceAll(/[^\x20-\x7e]+/g, ' ');
    return noise === '' ? how : `${how} (it said: ${noise})`;
  }

  #read(text: string): void {
    const lines = (this.#partial + text).split('\n');
    this.#partial = lines.pop()!;
    for (const line of lines) {
      // A prompt or a message without a newline may stand before it on the same line.
      const start = line.lastIndexOf(this.#mark);
      const message = start === -1 ? undefined : this.#decode(line.slice(start + this.#mark.length));
      if (message === undefined) this.#keep(`${line}\n`);
      else this.onMessage(message);
    }
    // Noise without an end must not fill the memory.
    if (this.#partial.length > 4_000_000) this.#partial = '';
  }

  #keep(text: string): void {
    this.#noise = (this.#noise + text).slice(-tailLength);
  }
}
