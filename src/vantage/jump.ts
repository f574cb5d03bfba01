import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Login, VantageFailure } from '../model/vantage.js';
import { abortable } from '../remote-program/abortable.js';
import type { Connection } from './connection.js';
import type { JumpHost, JumpWay } from './jump-login.js';
import type { LoginSettings } from './login-settings.js';
import { type OpenFailure, openFailure } from './open-failure.js';
import { addressAndPort, place } from './sentences.js';
import type { Way } from './way.js';

/** How long hosts behind a jump host that failed are told so without another try, in milliseconds. */
const failureKeptMs = 10_000;

/** A connection that is shared until it is gone. */
interface Shared {
  readonly gone: Promise<void>;
  close(): Promise<void>;
}

/** Logs in to a jump host through those before it on its way; none: from this machine directly. */
type LogIn<C> = (jumpHost: JumpHost, before: JumpWay, signal: AbortSignal) => Promise<C>;

/** The jump hosts of a run: one connection each, shared by all the hosts and jump hosts behind it. */
export class JumpHosts<C extends Shared> {
  readonly #logIn: LogIn<C>;
  readonly #hasAsked: (jumpHost: JumpHost) => boolean;
  readonly #shared = new Map<string, Promise<C>>();
  /** The hosts that share a connection must not end it for each other: only the run does. */
  readonly #run = new AbortController();

  /** `hasAsked`: whether a person was asked for a login; where that failed, nobody is asked again in this run. */
  constructor(logIn: LogIn<C>, hasAsked: (jumpHost: JumpHost) => boolean) {
    this.#logIn = logIn;
    this.#hasAsked = hasAsked;
  }

  /** The shared connection of the last host of a way. Rejects with a {@link VantageFailure} or the signal's reason. */
  connection(way: JumpWay, signal: AbortSignal): Promise<C> {
    return abortable(this.#connection(way), signal);
  }

  /**
   * The same, for a host that is reached through it: a {@link VantageFailure} then says which of its jump hosts failed.
   */
  connectionFor(settings: LoginSettings, way: JumpWay, signal: AbortSignal): Promise<C> {
    return abortable(this.#behind(way, settings), signal);
  }

  async close(): Promise<void> {
    this.#run.abort(new VantageFailure('the run is over'));
    const connections = await Promise.allSettled(this.#shared.values());
    // The last made goes first: it may go through the others.
    for (const made of connections.toReversed()) if (made.status === 'fulfilled') await made.value.close();
  }

  #connection(way: JumpWay): Promise<C> {
    const jumpHost = way.at(-1)!;
    const { key } = jumpHost;
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const before = way.slice(0, -1);
    const made = this.#logIn(jumpHost, before, this.#run.signal);
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

  async #behind(way: JumpWay, settings: LoginSettings): Promise<C> {
    // From the outside in: of several, the first that fails is the one to name.
    for (const index of way.keys()) {
      try {
        await this.#connection(way.slice(0, index + 1));
      } catch (error) {
        if (!(error instanceof VantageFailure)) throw error;
        const names = way.map((one) => one.settings.host);
        const which =
          way.length === 1 ? 'its jump host' : `jump host ${index + 1} of its ${way.length} (${names.join(', then ')})`;
        const { hostKeyProblem, message } = error;
        throw new VantageFailure(`cannot log in to ${place(settings)}: ${which} failed: ${message}`, {
          hostKeyProblem,
        });
      }
    }
    return this.#connection(way);
  }
}

/** A stream to a host's sshd through its jump hosts. Rejects with a {@link VantageFailure} or the signal's reason. */
export async function openStream(
  jumps: JumpHosts<Connection>,
  way: JumpWay,
  settings: LoginSettings,
  signal: AbortSignal,
): Promise<Way> {
  const connection = await jumps.connectionFor(settings, way, signal);
  const stream = await forward(connection, way.at(-1)!.settings.host, settings, signal);
  const login = { address: literalAddress(settings.hostname), notes: [], ...throughDoubtful(connection.login) };
  return { stream, login, carrier: connection };
}

/** What is wrong with a jump host's key is wrong with every login through it. */
export function throughDoubtful({ hostKeyDoubt }: Pick<Login, 'hostKeyDoubt'>): Pick<Login, 'hostKeyDoubt'> {
  return hostKeyDoubt === undefined ? {} : { hostKeyDoubt };
}

/** A name is resolved by the last jump host, which tells nobody what it found. */
export function literalAddress(hostname: string): string | undefined {
  return isIP(hostname) === 0 ? undefined : hostname;
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
        else reject(new VantageFailure(`${start} ${notForwarded(openFailure(error), addressAndPort(hostname, port))}`));
      });
    } catch (error) {
      giveUp(new VantageFailure(`${start} is no longer connected (${(error as Error).message})`));
    }
  });
}

/** Why a jump host did not forward, in words that follow its name. */
export function notForwarded({ description, reason }: OpenFailure, target: string): string {
  if (reason === undefined) return `broke its connection while it opened ${target} (${description})`;
  if (/open failed|prohibited/i.test(description)) {
    return `did not forward to ${target} ("${description}"); see AllowTcpForwarding and PermitOpen on it`;
  }
  return `could not reach ${target}: ${description}`;
}
