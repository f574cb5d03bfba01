import type { Duplex } from 'node:stream';
import type { HostKeyDoubt } from '../model/host-key-problem.js';
import { VantageFailure } from '../model/vantage.js';
import { LostBeforeHandshake } from './handshake-pacing.js';
import {
  closedDuringKeyExchange,
  closedDuringLogin,
  closedEarly,
  expiredPassword,
  hung,
  refusedLogin,
  tooManyAttempts,
} from './login-sentences.js';
import type { LoginSettings } from './login-settings.js';
import type { Secrets } from './secrets.js';
import { place, printable } from './sentences.js';

/** How far one login has come, and what it means that it came no further. */
export class LoginProgress {
  /** Rejects with the first thing that went wrong; never resolves. */
  readonly failure: Promise<never>;
  /** The keys are exchanged and the host's is accepted. */
  exchanged = false;
  /** False once a host key was accepted against the evidence. */
  trusted = true;
  /** What is wrong with a host key that was accepted all the same. */
  doubt: HostKeyDoubt | undefined;
  readonly #settings: LoginSettings;
  readonly #secrets: Secrets;
  #reject: (reason: unknown) => void = () => {};
  #said = '';
  #greeted = false;
  #asking = 0;

  constructor(settings: LoginSettings, secrets: Secrets) {
    this.#settings = settings;
    this.#secrets = secrets;
    this.failure = new Promise((_, reject) => {
      this.#reject = reject;
    });
    this.failure.catch(() => {});
  }

  failed(reason: unknown): void {
    this.#reject(reason);
  }

  async whileAsking<T>(work: Promise<T>): Promise<T> {
    this.#asking += 1;
    try {
      return await work;
    } finally {
      this.#asking -= 1;
    }
  }

  /** Looks at what comes until it is SSH: what else answers is worth telling. */
  watch(socket: Duplex, onGreeting: () => void): void {
    const onData = (data: Buffer) => {
      this.#said = (this.#said + data.toString('latin1')).slice(0, 300);
      if (!/(?:^|\n)SSH-/.test(this.#said)) return;
      this.#greeted = true;
      socket.off('data', onData);
      onGreeting();
    };
    socket.on('data', onData);
  }

  hung(phase: string, afterMs: number): VantageFailure {
    return this.#failure(hung(phase, afterMs));
  }

  passwordExpired(): VantageFailure {
    return this.#failure(expiredPassword(this.#settings.user));
  }

  /** `account` tells what was tried. */
  broken(error: Error & { readonly level?: string }, account: string): Error {
    if (error.level === 'client-authentication') return this.#failure(refusedLogin(this.#settings.user, account));
    if (/too many authentication failures/i.test(error.message)) return this.#failure(tooManyAttempts(account));
    return this.#greeted ? this.#failure(printable(error.message)) : this.#lostEarly();
  }

  closed(account: string): Error {
    if (!this.#greeted) return this.#lostEarly();
    if (!this.exchanged) return this.#failure(closedDuringKeyExchange);
    // sshd waits LoginGraceTime for a person who looks for a passphrase; the answer is kept for the next try.
    const sentence = closedDuringLogin(account);
    return this.#asking > 0 ? new LostBeforeHandshake(this.#sentence(sentence)) : this.#failure(sentence);
  }

  #lostEarly(): Error {
    const { again, sentence } = closedEarly(this.#said);
    return again ? new LostBeforeHandshake(this.#sentence(sentence)) : this.#failure(sentence);
  }

  #failure(what: string): VantageFailure {
    return new VantageFailure(this.#sentence(what));
  }

  #sentence(what: string): string {
    return this.#secrets.scrub(`cannot log in to ${place(this.#settings)}: ${what}`);
  }
}
