import type { OpenFailure } from '../open-failure.js';
import type { MessageReader } from './packets.js';
import { type ChannelCarrier, channelMessage, connectionMessage } from './session-channel.js';

/** One direct-tcpip channel, opened to hear why it does not open: `ssh -W` says of every failure the same. */
export class ForwardTrial {
  /** Undefined where the channel opened after all; it is closed again. Never rejects. */
  readonly failure: Promise<OpenFailure | undefined>;
  readonly #carrier: ChannelCarrier;
  readonly #forget: () => void;
  #resolve: (failure: OpenFailure | undefined) => void = () => {};

  constructor(carrier: ChannelCarrier, id: number, target: { address: string; port: number }, forget: () => void) {
    this.#carrier = carrier;
    this.#forget = forget;
    this.failure = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    const open = connectionMessage(channelMessage.open)
      .string('direct-tcpip')
      .uint32(id)
      .uint32(0x10000)
      .uint32(0x8000);
    carrier.send(open.string(target.address).uint32(target.port).string('127.0.0.1').uint32(0));
  }

  receive(type: number, fields: MessageReader): void {
    if (type === channelMessage.openConfirmation) {
      this.#carrier.send(connectionMessage(channelMessage.close).uint32(fields.uint32()));
      this.#resolve(undefined);
    } else if (type === channelMessage.openFailure) {
      const reason = fields.uint32();
      this.#resolve({ reason, description: fields.string() });
      this.#forget();
    } else if (type === channelMessage.close) this.#forget();
  }

  end(): void {
    this.#resolve({ reason: undefined, description: 'the connection was closed' });
  }
}
