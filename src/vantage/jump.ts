import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { VantageFailure } from '../model/vantage.js';
import { abortable } from './abortable.js';
import type { Connection } from './connection.js';
import type { JumpHost, JumpWay } from './jump-login.js';
import type { LoginSettings } from './login-settings.js';
import { type OpenFailure, openFailure } from './open-failure.js';
import { addressAndPort, place } from './sentences.js';
import type { Way } from './way.js';

/** How long hosts behind a jump host that failed are told so without another try, in milliseconds. */
const failureKeptMs = 10_000;

/** Logs in to a jump host over streams that `open` makes; undefined: from this machine directly. */
type LogIn = (jumpHost: JumpHost, open: (() => Promise<Way>) | undefined, signal: AbortSignal) => Promise<Connection>;

/** The jump hosts of a run: one connection each, shared by all the hosts and jump hosts behind it. */
export class JumpHosts {
  readonly #logIn: LogIn;
  readonly #hasAsked: (jumpHost: JumpHost) => boolean;
  readonly #shared = new Map<string, Promise<Connection>>();
  /** The hosts that share a connection must not end it for each other: only the run does. */
  readonly #run = new AbortController();

  /** `hasAsked`: whether a person was asked for a login; where that failed, nobody is asked again in this run. */
  constructor(logIn: LogIn, hasAsked: (jumpHost: JumpHost) => boolean) {
    this.#logIn = logIn;
    this.#hasAsked = hasAsked;
  }

  /** A stream to a host's sshd through its jump hosts. Rejects with a {@link VantageFailure} or the signal's reason. */
  async openStream(way: JumpWay, settings: LoginSettings, signal: AbortSignal): Promise<Way> {
    const connection = await abortable(this.#behind(way, settings), signal);
    const stream = await forward(connection, way.at(-1)!.settings.host, settings, signal);
    const address = isIP(settings.hostname) === 0 ? undefined : settings.hostname;
    return { stream, login: { address, notes: [] }, carrier: connection };
  }

  /** The shared connection of the last host of a way. Rejects with a {@link VantageFailure} or the signal's reason. */
  connection(way: JumpWay, signal: AbortSignal): Promise<Connection> {
    return abortable(this.#connection(way), signal);
  }

  async close(): Promise<void> {
    this.#run.abort(new VantageFailure('the run is over'));
    const connections = await Promise.allSettled(this.#shared.values());
    // The last made goes first: it may go through the others.
    for (const made of connections.toReversed()) if (made.status === 'fulfilled') await made.value.close();
  }

  #connection(way: JumpWay): Promise<Connection> {
    const jumpHost = way.at(-1)!;
    const { key, settings } = jumpHost;
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const before = way.slice(0, -1);
    const { signal } = this.#run;
    const open = before.length === 0 ? undefined : () => this.openStream(before, settings, signal);
    const made = this.#logIn(jumpHost, open, signal);
    const forget = () => {
      if (this.#shared.get(key) === made) this.#shared.delete(key);
    };
    made.then(
      (connection) => void connection.gone.then(forget),
      () => {
        if (!this.#hasAsked(jumpHost)) setTimeout(forget, failureKeptMs).unref();
      },
    );
    this.#shared.set(key, made);
    return made;
  }

  async #behind(way: JumpWay, settings: LoginSettings): Promise<Connection> {
    // From the outside in: of several, the first that fails is the one to name.
    for (const index of way.keys()) {
      try {
        await this.#connection(way.slice(0, index + 1));
      } catch (error) {
        if (!(error instanceof VantageFailure)) throw error;
        const names = way.map((one) => one.settings.host);
        const which =
          way.length === 1 ? 'its jump host' : `jump host ${index + 1} of its ${way.length} (${names.join(', then ')})`;
        throw new VantageFailure(`cannot log in to ${place(settings)}: ${which} failed: ${error.message}`);
      }
    }
    return this.#connection(way);
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
