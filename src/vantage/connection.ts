import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { Client } from 'ssh2';
import { type Login, VantageFailure } from '../model/vantage.js';
import type { LoggedIn } from './handshake.js';
import { printable } from './sentences.js';

/** How long a connection may take to say goodbye, in milliseconds. */
const farewell = 1000;

/** A logged-in SSH connection, and what becomes of it. */
export class Connection {
  readonly client: Client;
  readonly login: Login;
  /** Resolves when the connection is lost; stays pending for ever when it is closed by {@link Connection.close}. */
  readonly lost: Promise<VantageFailure>;
  /** Resolves when the connection is gone, for whichever reason. */
  readonly gone: Promise<void>;
  readonly #socket: Duplex;
  #closing = false;

  /** `where` names the other end in sentences. */
  constructor({ client, login, socket }: LoggedIn, where: string) {
    this.client = client;
    this.login = login;
    this.#socket = socket;
    let cause = 'the other side closed it';
    this.gone = new Promise((resolve) => {
      client.once('close', resolve);
      client.once('end', resolve);
    });
    this.lost = new Promise((resolve) => {
      void this.gone.then(() => {
        if (!this.#closing) resolve(new VantageFailure(`the connection to ${where} was lost: ${cause}`));
      });
    });
    client.removeAllListeners('error');
    client.on('error', (error: Error) => {
      cause =
        error.message === 'Keepalive timeout'
          ? 'it answered nothing for 9 s: the network was cut, or the host hangs'
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
