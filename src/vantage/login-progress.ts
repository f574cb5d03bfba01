import type { Duplex } from 'node:stream';
import { VantageFailure } from '../model/vantage.js';
import { LostBeforeHandshake } from './handshake-pacing.js';
import type { LoginSettings } from './login-settings.js';
import type { Secrets } from './secrets.js';
import { place, printable } from './sentences.js';

/** What OpenSSH says, before 9.8 and since, to a connection that MaxStartups drops. */
const surplus = /^(?:Exceeded MaxStartups|Not allowed at this time)$/;

/** How far one login has come, and what it means that it came no further. */
export class LoginProgress {
  /** Rejects with the first thing that went wrong; never resolves. */
  readonly failure: Promise<never>;
  /** The keys are exchanged and the host's is accepted. */
  exchanged = false;
  /** False once a host key was accepted against the evidence. */
  trusted = true;
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
    return this.#failure(
      `it accepted the connection, but ${phase} did not come within ${afterMs / 1000} s; check sshd on it`,
    );
  }

  passwordExpired(): VantageFailure {
    return this.#failure(`the password of ${this.#settings.user} has expired; change it there`);
  }

  /** `account` tells what was tried. */
  broken(error: Error & { readonly level?: string }, account: string): Error {
    if (error.level === 'client-authentication') {
      return this.#failure(`it refused the login of ${this.#settings.user}: ${account}`);
    }
    if (/too many authentication failures/i.test(error.message)) {
      return this.#failure(
        `it gave up after too many attempts (MaxAuthTries): ${account}; name the right identityFile, or set IdentitiesOnly ` +
          'in ~/.ssh/config',
      );
    }
    return this.#greeted ? this.#failure(printable(error.message)) : this.#lostEarly();
  }

  closed(account: string): Error {
    if (!this.#greeted) return this.#lostEarly();
    if (!this.exchanged) return this.#failure('it closed the connection during the key exchange; see its log');
    // sshd waits LoginGraceTime for a person who looks for a passphrase; the answer is kept for the next try.
    const sentence = `it closed the connection during the login: ${account}; see its log`;
    return this.#asking > 0 ? new LostBeforeHandshake(this.#sentence(sentence)) : this.#failure(sentence);
  }

  #lostEarly(): Error {
    const said = printable(this.#said);
    if (said !== '' && !surplus.test(said)) {
      return this.#failure(`it answered "${said}" where an SSH greeting was expected; check ssh.port`);
    }
    const answer = said === '' ? 'without a word' : `after "${said}"`;
    return new LostBeforeHandshake(
      this.#sentence(
        `the connection was closed ${answer} before the SSH handshake; if this is sshd, see its MaxStartups and ` +
          'PerSourcePenalties, or its log; otherwise check ssh.port',
      ),
    );
  }

  #failure(what: string): VantageFailure {
    return new VantageFailure(this.#sentence(what));
  }

  #sentence(what: string): string {
    return this.#secrets.scrub(`cannot log in to ${place(this.#settings)}: ${what}`);
  }
}
