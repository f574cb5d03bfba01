import type { Socket } from 'node:net';
import type { RemoteProcess } from '../../model/vantage.js';
import type { OpenFailure } from '../open-failure.js';
import { ForwardTrial } from './forward-trial.js';
import { MessageCutter, MessageReader, type MessageWriter } from './packets.js';
import { type ChannelCarrier, channelMessage, SessionChannel } from './session-channel.js';

/**
 * The sessions that one ssh master carries for this process, over one socket. A command costs no process here, its exit
 * code and signal arrive as the server sent them, and its stderr holds nothing of ssh's own: with `ssh -S` it would be the
 * other way round each time.
 */
export class MultiplexedSessions implements ChannelCarrier {
  /** Resolves when the master is gone, or hung up. */
  readonly gone: Promise<void>;
  readonly #socket: Socket;
  readonly #cutter = new MessageCutter();
  readonly #channels = new Map<number, SessionChannel | ForwardTrial>();
  #next = 0;

  /** `socket` is one that `ControlSocket.proxy` handed over. */
  constructor(socket: Socket) {
    this.#socket = socket;
    this.gone = new Promise((resolve) => {
      socket.once('close', () => {
        for (const channel of [...this.#channels.values()]) channel.end();
        resolve();
      });
    });
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const message of this.#cutter.push(chunk)) this.#receive(new MessageReader(message));
      } catch (error) {
        socket.destroy(error as Error);
      }
    });
    socket.resume();
  }

  /** Runs a command. Rejects with an Error in the other side's words. */
  async exec(command: string): Promise<RemoteProcess> {
    if (this.#socket.destroyed) throw new Error('the connection was closed');
    const id = this.#nextId();
    const channel = new SessionChannel(this, id, command, () => this.#channels.delete(id));
    this.#channels.set(id, channel);
    await channel.started;
    return channel;
  }

  /** Why the server does not forward to an address; undefined where it does. Never rejects. */
  whyNotForwarded(address: string, port: number): Promise<OpenFailure | undefined> {
    const id = this.#nextId();
    const trial = new ForwardTrial(this, id, { address, port }, () => this.#channels.delete(id));
    if (this.#socket.destroyed) trial.end();
    else this.#channels.set(id, trial);
    return trial.failure;
  }

  send(message: MessageWriter, sent?: () => void): void {
    this.#socket.write(message.framed(), () => sent?.());
  }

  /** Hangs up: the master closes every channel of this process. */
  close(): void {
    this.#socket.destroy();
  }

  #nextId(): number {
    this.#next += 1;
    return this.#next;
  }

  #receive(fields: MessageReader): void {
    fields.byte(); // the padding, always none
    const type = fields.byte();
    // Whatever else the server says is the master's own business.
    if (type <= channelMessage.open || type > channelMessage.failure) return;
    this.#channels.get(fields.uint32())?.receive(type, fields);
  }
}
