import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { VantageFailure } from '../model/vantage.js';
import { abortable } from './abortable.js';
import type { Connection } from './connection.js';
import type { Way } from './handshake.js';
import type { LoginSettings } from './login-settings.js';
import { type OpenFailure, openFailure } from './open-failure.js';
import { addressAndPort, place } from './sentences.js';

/** How long hosts behind a jump host that failed are told so without another try, in milliseconds. */
const failureKeptMs = 10_000;

interface Shared {
  readonly connection: Promise<Connection>;
}

/** The jump hosts of a run: one connection each, shared by all the hosts behind it. */
export class JumpHosts {
  readonly #logIn: (jump: string, signal: AbortSignal) => Promise<Connection>;
  readonly #shared = new Map<string, Shared>();
  /** The hosts that share a connection must not end it for each other: only the run does. */
  readonly #run = new AbortController();

  constructor(logIn: (jump: string, signal: AbortSignal) => Promise<Connection>) {
    this.#logIn = logIn;
  }

  /** A stream to a host's sshd through its jump host. Rejects with a {@link VantageFailure} or the signal's reason. */
  async openStream(jump: string, settings: LoginSettings, signal: AbortSignal): Promise<Way> {
    const connection = await abortable(this.#connection(jump, settings), signal);
    const stream = await forward(connection, jump, settings, signal);
    const address = isIP(settings.hostname) === 0 ? undefined : settings.hostname;
    return { stream, login: { address, notes: [] } };
  }

  async close(): Promise<void> {
    this.#run.abort(new VantageFailure('the run is over'));
    const connections = await Promise.allSettled([...this.#shared.values()].map((shared) => shared.connection));
    await Promise.all(connections.map((made) => (made.status === 'fulfilled' ? made.value.close() : undefined)));
  }

  async #connection(jump: string, settings: LoginSettings): Promise<Connection> {
    let shared = this.#shared.get(jump);
    if (shared === undefined) {
      const made = { connection: this.#logIn(jump, this.#run.signal) };
      const forget = () => {
        if (this.#shared.get(jump) === made) this.#shared.delete(jump);
      };
      made.connection.then(
        (connection) => void connection.gone.then(forget),
        () => setTimeout(forget, failureKeptMs).unref(),
      );
      this.#shared.set(jump, made);
      shared = made;
    }
    try {
      return await shared.connection;
    } catch (error) {
      if (!(error instanceof VantageFailure)) throw error;
      throw new VantageFailure(`cannot log in to ${place(settings)}: its jump host failed: ${error.message}`);
    }
  }
}

function forward(connection: Connection, jump: string, settings: LoginSettings, signal: AbortSignal): Promise<Duplex> {
  const { hostname, port } = settings;
  return new Promise((resolve, reject) => {
    const start = `cannot log in to ${place(settings)}: the jump host ${jump}`;
    let given = false;
    const giveUp = (reason: unknown) => {
      given = true;
      settle();
      reject(reason);
    };
    const onAbort = () => giveUp(signal.reason);
    const seconds = settings.connectTimeoutMs / 1000;
    const timer = setTimeout(
      () =>
        giveUp(new VantageFailure(`${start} got no answer from ${addressAndPort(hostname, port)} within ${seconds} s`)),
      settings.connectTimeoutMs,
    );
    const settle = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      connection.client.forwardOut('127.0.0.1', 0, hostname, port, (error, channel) => {
        if (given) {
          channel?.destroy();
          return;
        }
        settle();
        if (error === undefined) resolve(channel);
        else reject(new VantageFailure(`${start} ${meaning(openFailure(error), addressAndPort(hostname, port))}`));
      });
    } catch (error) {
      giveUp(new VantageFailure(`${start} is no longer connected (${(error as Error).message})`));
    }
  });
}

function meaning({ description, reason }: OpenFailure, target: string): string {
  if (reason === undefined) return `broke its connection while it opened ${target} (${description})`;
  if (/open failed|prohibited/i.test(description)) {
    return `did not forward to ${target} ("${description}"); see AllowTcpForwarding and PermitOpen on it`;
  }
  return `could not reach ${target}: ${description}`;
}
