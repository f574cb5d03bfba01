import { connect, type Socket } from 'node:net';
import { MessageCutter, MessageReader, MessageWriter } from './packets.js';

// The messages of OpenSSH's PROTOCOL.mux, version 4, which every release since 5.8 (2011) speaks.
const version = 4;
const message = {
  hello: 0x00000001,
  aliveCheck: 0x10000004,
  terminate: 0x10000005,
  proxy: 0x1000000f,
  ok: 0x80000001,
  alive: 0x80000005,
  proxied: 0x8000000f,
} as const;

/** How long a master may take to answer, in milliseconds: it is a process of this machine, which may be busy. */
const answerMs = 10_000;

/**
 * A connection to the control socket of an ssh master, once the master has said that it is alive. Rejects with an Error
 * where nothing listens there, or nothing that speaks the protocol.
 */
export async function openControlSocket(path: string): Promise<ControlSocket> {
  const socket = connect(path);
  const control = new ControlSocket(socket);
  try {
    await control.request(message.hello, [version], message.hello);
    await control.request(message.aliveCheck, [0], message.alive);
    return control;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

export class ControlSocket {
  readonly #socket: Socket;
  readonly #cutter = new MessageCutter();
  readonly #received: Buffer[] = [];
  #notify: () => void = () => {};
  #broken: Error | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the ssh master closed its control socket')));
    socket.on('data', this.#onData);
  }

  /** Sends one message and awaits the answer of the wanted type. */
  async request(type: number, fields: readonly number[], wanted: number): Promise<void> {
    const writer = new MessageWriter().uint32(type);
    for (const field of fields) writer.uint32(field);
    this.#socket.write(writer.framed());
    const answer = new MessageReader(await this.#next()).uint32();
    if (answer !== wanted)
      throw new Error(`the ssh master answered 0x${answer.toString(16)} to 0x${type.toString(16)}`);
  }

  /**
   * Turns the connection into one that carries the messages of SSH's connection protocol, and hands its socket over. The
   * master keeps each of its channels apart from those of its other clients, and closes them when the socket closes.
   */
  async proxy(): Promise<Socket> {
    await this.request(message.proxy, [0], message.proxied);
    this.#socket.off('data', this.#onData);
    this.#socket.pause();
    return this.#socket;
  }

  /** Ends the master with all of its sessions, and resolves when it has ended. Never rejects. */
  async terminate(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      if (this.#socket.closed) resolve();
      else this.#socket.once('close', () => resolve());
    });
    await this.request(message.terminate, [0], message.ok).catch(() => {});
    const timer = setTimeout(() => this.#socket.destroy(), answerMs);
    await closed;
    clearTimeout(timer);
  }

  close(): void {
    this.#socket.destroy();
  }

  readonly #onData = (chunk: Buffer) => {
    try {
      this.#received.push(...this.#cutter.push(chunk));
    } catch (error) {
      this.#fail(error as Error);
    }
    this.#notify();
  };

  async #next(): Promise<Buffer> {
    const timer = setTimeout(
      () => this.#fail(new Error(`the ssh master answered nothing for ${answerMs / 1000} s`)),
      answerMs,
    );
    try {
      for (;;) {
        const next = this.#received.shift();
        if (next !== undefined) return next;
        if (this.#broken !== undefined) throw this.#broken;
        await new Promise<void>((resolve) => {
          this.#notify = resolve;
        });
      }
    } finally {
      clearTimeout(timer);
    }
  }

  #fail(error: Error): void {
    this.#broken ??= error;
    this.#notify();
  }
}
