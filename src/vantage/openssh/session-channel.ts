import { Readable, Writable } from 'node:stream';
import type { RemoteProcess } from '../../model/vantage.js';
import { type MessageReader, MessageWriter } from './packets.js';

/** Messages of SSH's connection protocol, RFC 4254. */
export const channelMessage = {
  open: 90,
  openConfirmation: 91,
  openFailure: 92,
  windowAdjust: 93,
  data: 94,
  extendedData: 95,
  eof: 96,
  close: 97,
  request: 98,
  success: 99,
  failure: 100,
} as const;

/** How much the other side may send before it hears that some was taken: OpenSSH's own session channels take as much. */
const windowSize = 2 * 1024 * 1024;
/** OpenSSH's own limit for a session channel. */
const packetSize = 32 * 1024;

/** Begins a message; a byte that counts its padding, always none here, comes before its type. */
export function connectionMessage(type: number): MessageWriter {
  return new MessageWriter().byte(0).byte(type);
}

/** The end of a channel, or of the connection below it. */
type Exit = Awaited<RemoteProcess['exited']>;

/** What a channel needs of the connection that carries it. */
export interface ChannelCarrier {
  /** Sends one message; `sent` is called when it has left this process. */
  send(message: MessageWriter, sent?: () => void): void;
}

/** One session channel that runs one command. */
export class SessionChannel implements RemoteProcess {
  readonly stdin: Writable;
  readonly exited: Promise<Exit>;
  /** Resolves when the command runs; rejects with an Error in the other side's words. */
  readonly started: Promise<void>;
  readonly #carrier: ChannelCarrier;
  readonly #command: string;
  readonly #forget: () => void;
  readonly #out: Output;
  readonly #err: Output;
  #remote = 0;
  #window = 0;
  #longest = 0;
  #untold = 0;
  #waiting: { readonly data: Buffer; readonly done: () => void } | undefined;
  #closed = false;
  #state: 'opening' | 'starting' | 'running' | 'over' = 'opening';
  #exit: (exit: Exit) => void = () => {};
  #start: { resolve: () => void; reject: (error: Error) => void } = { resolve: () => {}, reject: () => {} };

  /** Opens the channel; `forget` is called once no message for it can come any more. */
  constructor(carrier: ChannelCarrier, id: number, command: string, forget: () => void) {
    this.#carrier = carrier;
    this.#command = command;
    this.#forget = forget;
    this.exited = new Promise((resolve) => {
      this.#exit = resolve;
    });
    this.started = new Promise((resolve, reject) => {
      this.#start = { resolve, reject };
    });
    this.started.catch(() => {});
    this.stdin = new Writable({
      write: (data: Buffer, _encoding, done) => {
        this.#waiting = { data, done: () => done() };
        this.#pour();
      },
      final: (done) => {
        if (!this.#closed) this.#send(this.#message(channelMessage.eof));
        done();
      },
    });
    // Writing to a process that ended is no news: its end is.
    this.stdin.on('error', () => {});
    this.#out = new Output((count) => this.#taken(count));
    this.#err = new Output((count) => this.#taken(count));
    const open = connectionMessage(channelMessage.open).string('session').uint32(id);
    this.#send(open.uint32(windowSize).uint32(packetSize));
  }

  get stdout(): Readable {
    return this.#out.stream;
  }

  get stderr(): Readable {
    return this.#err.stream;
  }

  /** Takes in one message for this channel, behind its type and the channel's number. */
  receive(type: number, fields: MessageReader): void {
    switch (type) {
      case channelMessage.openConfirmation: {
        this.#remote = fields.uint32();
        this.#window = fields.uint32();
        this.#longest = Math.min(fields.uint32(), packetSize);
        this.#state = 'starting';
        this.#send(this.#message(channelMessage.request).string('exec').boolean(true).string(this.#command));
        return;
      }
      case channelMessage.openFailure: {
        fields.uint32();
        this.#start.reject(new Error(fields.string()));
        this.end();
        return;
      }
      case channelMessage.success:
        this.#state = 'running';
        this.#start.resolve();
        return;
      case channelMessage.failure:
        this.#start.reject(new Error('the server refused to run a command'));
        this.kill();
        return;
      case channelMessage.windowAdjust:
        this.#window += fields.uint32();
        this.#pour();
        return;
      case channelMessage.data:
        this.#out.deliver(fields.bytes());
        return;
      case channelMessage.extendedData:
        fields.uint32();
        this.#err.deliver(fields.bytes());
        return;
      case channelMessage.eof:
        this.#out.end();
        this.#err.end();
        return;
      case channelMessage.request:
        this.#request(fields);
        return;
      case channelMessage.close:
        this.#close();
        this.end();
        return;
    }
  }

  /** Nothing more can come: the channel is closed, or the connection is gone. */
  end(): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#closed = true;
    this.#forget();
    this.#start.reject(new Error('the connection was closed'));
    this.#exit({ code: null, signal: null });
    this.#out.end();
    this.#err.end();
    this.stdin.destroy();
    this.#waiting?.done();
    this.#waiting = undefined;
  }

  kill(): void {
    if (this.#closed) return;
    this.#send(this.#message(channelMessage.request).string('signal').boolean(false).string('TERM'));
    this.#send(this.#message(channelMessage.eof));
    this.#close();
    this.stdin.destroy();
  }

  #request(fields: MessageReader): void {
    const name = fields.string();
    const wantsAnswer = fields.boolean();
    if (name === 'exit-status') this.#exit({ code: fields.uint32(), signal: null });
    else if (name === 'exit-signal') this.#exit({ code: null, signal: `SIG${fields.string()}` });
    // sshd asks in this way, once in a ClientAliveInterval, whether anybody is still there.
    if (wantsAnswer && !this.#closed) this.#send(this.#message(channelMessage.failure));
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#send(this.#message(channelMessage.close));
  }

  #taken(count: number): void {
    this.#untold += count;
    if (this.#untold < windowSize / 4 || this.#closed) return;
    this.#send(this.#message(channelMessage.windowAdjust).uint32(this.#untold));
    this.#untold = 0;
  }

  /** Sends what waits, as far as the other side's window goes. */
  #pour(): void {
    while (this.#waiting !== undefined && this.#state !== 'over' && this.#window > 0) {
      const { data, done } = this.#waiting;
      const count = Math.min(data.length, this.#window, this.#longest);
      this.#window -= count;
      const last = count === data.length;
      this.#waiting = last ? undefined : { data: data.subarray(count), done };
      this.#send(this.#message(channelMessage.data).string(data.subarray(0, count)), last ? done : undefined);
    }
  }

  #message(type: number): MessageWriter {
    return connectionMessage(type).uint32(this.#remote);
  }

  #send(message: MessageWriter, sent?: () => void): void {
    this.#carrier.send(message, sent);
  }
}

/** What a command writes, as far as it was read. */
class Output {
  readonly stream: Readable;
  readonly #taken: (count: number) => void;
  #held = 0;
  #ended = false;

  /** `taken` is told how many bytes made room. */
  constructor(taken: (count: number) => void) {
    this.#taken = taken;
    // The window is opened again only when somebody reads: a flood then waits on the node, not in this process.
    this.stream = new Readable({ highWaterMark: packetSize * 4, read: () => this.#release() });
    this.stream.on('error', () => {});
  }

  deliver(data: Buffer): void {
    this.#held += data.length;
    if (this.#ended || this.stream.destroyed || this.stream.push(data)) this.#release();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.stream.push(null);
  }

  #release(): void {
    if (this.#held === 0) return;
    const held = this.#held;
    this.#held = 0;
    this.#taken(held);
  }
}
