import { connect, type Socket } from 'node:net';
import { VantageFailure } from '../model/vantage.js';
import { loginAddresses } from './login-address.js';
import type { LoginSettings } from './login-settings.js';
import { list, place } from './sentences.js';
import type { Way } from './way.js';

/** What a failed connect from this machine means. */
export const connectMeanings: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused: no sshd listens there, or a firewall rejects it; check sshd and ssh.port',
  EHOSTUNREACH: 'no route to host: the host is down, the address is wrong, or a firewall rejects it',
  ENETUNREACH: 'the network is unreachable from this machine; check the address and the routes, or name a jump host',
  ETIMEDOUT: 'nothing answered: the host is down, or a firewall drops the connection',
};

/** The same in short, where one of several addresses is spoken of. */
const briefly: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused the connection',
  EHOSTUNREACH: 'cannot be reached (no route to host)',
  ENETUNREACH: 'cannot be reached (its network is unreachable from this machine)',
  ETIMEDOUT: 'did not answer',
};

/** How long one address may keep silent before the next is tried beside it: a SYN that got lost is resent after 1 s. */
const nextAfterMs = 2000;

/** Opens the TCP connection of a login from this machine. Rejects with a {@link VantageFailure} or the signal's reason. */
export async function openSocket(settings: LoginSettings, signal: AbortSignal): Promise<Way> {
  return openSocketToOneOf(await loginAddresses(settings, signal), settings, signal);
}

/**
 * Tries a host's addresses in their order: the next one once the one before has failed, or has kept silent for 2 s. By
 * which one it went, and what became of those before it, is in the result. Rejects as {@link openSocket}.
 */
export async function openSocketToOneOf(
  addresses: readonly string[],
  settings: Pick<LoginSettings, 'host' | 'user' | 'hostname' | 'port' | 'connectTimeoutMs'>,
  signal: AbortSignal,
): Promise<Way> {
  signal.throwIfAborted();
  return new Attempt(settings, addresses, signal).socket;
}

type Destination = Parameters<typeof openSocketToOneOf>[1];

class Attempt {
  readonly socket: Promise<Way>;
  readonly #settings: Destination;
  readonly #addresses: readonly string[];
  readonly #signal: AbortSignal;
  /** Those that were tried, and what became of them. */
  readonly #failures = new Map<string, string>();
  readonly #pending = new Map<string, { readonly stream: Socket; readonly timer: NodeJS.Timeout }>();
  #resolve: (opened: Way) => void = () => {};
  #reject: (reason: unknown) => void = () => {};
  #impatience: NodeJS.Timeout | undefined;
  #tried = 0;

  constructor(settings: Destination, addresses: readonly string[], signal: AbortSignal) {
    this.#settings = settings;
    this.#addresses = addresses;
    this.#signal = signal;
    this.socket = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    signal.addEventListener('abort', this.#onAbort, { once: true });
    this.#next();
  }

  readonly #onAbort = () => {
    this.#settle();
    this.#reject(this.#signal.reason);
  };

  /** Tries the next address, if there is one; gives up where none is left and none is awaited. */
  #next(): void {
    clearTimeout(this.#impatience);
    const address = this.#addresses[this.#tried];
    if (address === undefined) {
      if (this.#pending.size === 0) this.#giveUp();
      return;
    }
    this.#tried += 1;
    const { connectTimeoutMs, port } = this.#settings;
    const stream = connect({ host: address, port, autoSelectFamily: false });
    const timer = setTimeout(() => this.#failed(address, undefined), connectTimeoutMs);
    this.#pending.set(address, { stream, timer });
    stream.once('error', (error: NodeJS.ErrnoException) => this.#failed(address, error));
    stream.once('connect', () => this.#connected(address, stream));
    if (this.#tried < this.#addresses.length) this.#impatience = setTimeout(() => this.#next(), nextAfterMs);
  }

  #failed(address: string, error: NodeJS.ErrnoException | undefined): void {
    this.#drop(address);
    const { connectTimeoutMs } = this.#settings;
    const seconds = `${connectTimeoutMs / 1000} s`;
    const code = error?.code ?? '';
    if (this.#addresses.length > 1) {
      const what = error === undefined ? `did not answer within ${seconds}` : (briefly[code] ?? error.message);
      this.#failures.set(address, what);
    } else if (error === undefined) {
      const why = 'the host is down, the address is wrong, or a firewall drops it';
      this.#failures.set(address, `nothing answered within ${seconds}: ${why}`);
    } else this.#failures.set(address, connectMeanings[code] ?? error.message);
    this.#next();
  }

  #connected(address: string, stream: Socket): void {
    const silent = [...this.#pending.keys()].filter((other) => other !== address);
    for (const other of silent) this.#failures.set(other, `did not answer within ${nextAfterMs / 1000} s`);
    clearTimeout(this.#pending.get(address)?.timer);
    this.#pending.delete(address);
    this.#settle();
    stream.removeAllListeners('error');
    stream.on('error', () => {});
    stream.setNoDelay(true);
    const failed = this.#addresses.filter((other) => this.#failures.has(other));
    const what = list(failed.map((other) => `${other} ${this.#failures.get(other)}`));
    const notes = failed.length === 0 ? [] : [`${what}; logged in by ${address}`];
    this.#resolve({ stream, login: { address, notes }, carrier: undefined });
  }

  #giveUp(): void {
    this.#settle();
    const failures = [...this.#failures];
    const why =
      failures.length === 1
        ? failures[0]![1]
        : `none of its addresses works: ${list(failures.map(([address, what]) => `${address} ${what}`))}`;
    this.#reject(new VantageFailure(`cannot log in to ${place(this.#settings)}: ${why}`));
  }

  #drop(address: string): void {
    const pending = this.#pending.get(address);
    if (pending === undefined) return;
    clearTimeout(pending.timer);
    pending.stream.removeAllListeners('error').on('error', () => {});
    pending.stream.destroy();
    this.#pending.delete(address);
  }

  #settle(): void {
    clearTimeout(this.#impatience);
    this.#signal.removeEventListener('abort', this.#onAbort);
    for (const address of [...this.#pending.keys()]) this.#drop(address);
  }
}
