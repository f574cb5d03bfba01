import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'ssh2';
import { type Login, VantageFailure } from '../model/vantage.js';
import type { LoggedIn } from './handshake.js';
import { silenceUntilLost } from './keepalive.js';
import { printable } from './sentences.js';
import type { Carrier } from './way.js';

/** How long a connection may take to say goodbye, in milliseconds. */
const farewell = 1000;

/** How long after a connection the one that it went through may be found to be lost, in milliseconds. */
const carrierLate = 200;

/** A logged-in SSH connection, and what becomes of it. */
export class Connection implements Carrier {
  readonly client: Client;
  readonly login: Login;
  /** Resolves when the connection is lost; stays pending for ever when it is closed by {@link Connection.close}. */
  readonly lost: Promise<VantageFailure>;
  /** Resolves when the connection is gone, for whichever reason. */
  readonly gone: Promise<void>;
  readonly depth: number;
  readonly #socket: Duplex;
  #closing = false;

  /** `where` names the other end in sentences. */
  constructor({ carrier, client, login, socket }: LoggedIn, where: string) {
    this.client = client;
    this.login = login;
    this.#socket = socket;
    this.depth = carrier === undefined ? 0 : carrier.depth + 1;
    let cause = 'the other side closed it';
    this.gone = new Promise((resolve) => {
      client.once('close', resolve);
      client.once('end', resolve);
    });
    // A jump host's channel that ends is but half closed, and until it is closed what goes through this connection waits.
    client.once('end', () => socket.destroy());
    this.lost = new Promise((resolve) => {
      void this.gone.then(async () => {
        if (this.#closing) return;
        const behind = carrier === undefined ? undefined : await lossOf(carrier);
        // The one that was lost first is the one to name, over however many jump hosts.
        const root = behind === undefined ? undefined : (behind.cause ?? behind);
        const why = root instanceof VantageFailure ? root.message : cause;
        resolve(new VantageFailure(`the connection to ${where} was lost: ${why}`, { cause: root }));
      });
    });
    client.removeAllListeners('error');
    client.on('error', (error: Error) => {
      cause =
        error.message === 'Keepalive timeout'
          ? `it answered nothing for ${silenceUntilLost(this.depth) / 1000} s: the network was cut, or the host hangs`
          : printable(error.message);
    });
  }

  /**
   * Says goodbye, and resolves once that is sent: what sshd then takes to clear up is nobody's time. Where nothing can be
   * sent, or the other side does not close in turn, the connection is ended by force. Never rejects.
   */
  async close(): Promise<void> {
    this.#closing = true;
    // Not the client's own destroy, which passes over a socket that has said goodbye: it would wait for an answer for ever.
    const force = setTimeout(() => this.#socket.destroy(), farewell);
    void this.gone.then(() => clearTimeout(force));
    const sent = finished(this.#socket, { readable: false, cleanup: true }).catch(() => {});
    this.client.end();
    await Promise.race([this.gone, sent]);
    force.unref();
    if (this.#socket instanceof Socket) this.#socket.unref();
  }
}

/** Why a jump host's connection was lost, where it was. */
export async function lossOf(carrier: Carrier): Promise<VantageFailure | undefined> {
  const over = new AbortController();
  const late = sleep(carrierLate, undefined, { signal: over.signal }).catch(() => undefined);
  const loss = await Promise.race([carrier.lost, late]);
  over.abort();
  return loss;
}
