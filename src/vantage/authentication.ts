import type { AnyAuthMethod, AuthHandlerMiddleware } from 'ssh2';
import { SingleIdentityAgent } from './agent.js';
import type { Identity } from './identities.js';
import { Interactive, Interview } from './interactive.js';
import { Keyring } from './keyring.js';
import { accountOf } from './login-sentences.js';
import type { LoginSettings } from './login-settings.js';
import type { Secrets } from './secrets.js';
import { place } from './sentences.js';

/** One login's attempts, in ssh's order: keys, then keyboard-interactive, then the password. */
export interface Attempts {
  readonly handler: AuthHandlerMiddleware;
  /** Told by the handshake which methods the server accepts, whenever it refuses one. */
  serverAccepts(methods: readonly string[]): void;
  /** What was tried and what the server accepts, for the sentence of a refused login. */
  account(): string;
  /** The login is done, or given up: others may be asked about. */
  end(): void;
}

export interface AttemptOptions {
  /** False once a host key was accepted against the evidence: then nothing is sent that can be stolen. */
  readonly mayTypeSecrets: () => boolean;
  /** Runs while a person is asked: the server's silence is ours then. */
  readonly whileAsking: <T>(work: Promise<T>) => Promise<T>;
}

/** As ssh gives a person (NumberOfPasswordPrompts). */
const typingTries = 3;

/** What a run has to log in with: key files, agents and secrets, each read or asked for once. */
export class Authentication {
  readonly interactive: Interactive;
  readonly #keys: Keyring;

  constructor(secrets: Secrets, warn: (sentence: string) => void) {
    this.interactive = new Interactive(secrets, warn);
    this.#keys = new Keyring(secrets);
  }

  /** Prepares a login. */
  async attempts(settings: LoginSettings, options: AttemptOptions): Promise<Attempts> {
    const tried: string[] = [];
    const identities = await this.#keys.identities(settings, tried);
    return new LoginAttempts(settings, identities, tried, this.interactive, options);
  }
}

class LoginAttempts implements Attempts {
  readonly #settings: LoginSettings;
  /** Those not offered yet. */
  readonly #identities: Identity[];
  readonly #tried: string[];
  readonly #interactive: Interactive;
  readonly #interview: Interview;
  readonly #options: AttemptOptions;
  readonly #methods: AsyncGenerator<AnyAuthMethod, undefined>;
  #accepted: readonly string[] | undefined;
  /** The last attempt was right, and the server wants another one beside it. */
  #partial = false;
  #everPartial = false;

  constructor(
    settings: LoginSettings,
    identities: readonly Identity[],
    tried: string[],
    interactive: Interactive,
    options: AttemptOptions,
  ) {
    this.#settings = settings;
    this.#identities = [...identities];
    this.#tried = tried;
    this.#interactive = interactive;
    this.#interview = new Interview(interactive, settings);
    this.#options = options;
    this.#methods = this.#inTurn();
  }

  readonly handler: AuthHandlerMiddleware = (accepted, partial, done) => {
    if (this.#accepted === undefined && accepted !== null) this.#accepted = accepted;
    this.#partial = partial === true;
    this.#everPartial ||= this.#partial;
    this.#methods.next().then(
      ({ value }) => done((value ?? false) as AnyAuthMethod),
      (error: Error) => {
        this.#tried.push(error.message);
        done(false as unknown as AnyAuthMethod);
      },
    );
  };

  serverAccepts(methods: readonly string[]): void {
    this.#accepted = methods;
  }

  account(): string {
    return accountOf(this.#tried, this.#accepted ?? []);
  }

  end(): void {
    this.#interview.end();
  }

  #allowed(method: string): boolean {
    return this.#accepted === undefined || this.#accepted.includes(method);
  }

  async *#inTurn(): AsyncGenerator<AnyAuthMethod, undefined> {
    yield { type: 'none', username: this.#settings.user };
    // After each partial success the server wants something else, and the order begins anew.
    do {
      this.#partial = false;
      for (const method of this.#settings.authentications) {
        if (method === 'publickey') yield* this.#publicKeys();
        else if (!this.#options.mayTypeSecrets()) {
          this.#tried.push('no password, because the host key is not the known one');
          return undefined;
        } else if (method === 'keyboard-interactive') yield* this.#keyboard();
        else yield* this.#password();
        if (this.#partial) break;
      }
    } while (this.#partial);
    return undefined;
  }

  async *#publicKeys(): AsyncGenerator<AnyAuthMethod, void> {
    const { user: username } = this.#settings;
    while (this.#allowed('publickey') && !this.#partial) {
      const identity = this.#identities.shift();
      if (identity === undefined) return;
      this.#tried.push(identity.description);
      const sign: Identity['sign'] = (data, hash) => this.#options.whileAsking(identity.sign(data, hash));
      const agent = new SingleIdentityAgent({ ...identity, sign }, (reason) => this.#annotate(reason));
      yield { type: 'agent', username, agent };
    }
  }

  async *#keyboard(): AsyncGenerator<AnyAuthMethod, void> {
    const { password, user: username } = this.#settings;
    // Without a word in the inventory, nobody is asked where a key was meant to do.
    if (password === undefined && this.#allowed('password') && !this.#everPartial) return;
    for (let tries = 1; tries <= typingTries && this.#allowed('keyboard-interactive'); tries += 1) {
      let missing: string | undefined;
      let typed = false;
      if (tries === 1) this.#tried.push('keyboard-interactive');
      yield {
        type: 'keyboard-interactive',
        username,
        prompt: (name, instructions, _language, prompts, finish) => {
          const asked = this.#interview.answer({ name, instructions, prompts });
          this.#options.whileAsking(asked).then(
            (round) => {
              if (round.missing !== undefined && missing === undefined) this.#annotate(round.missing);
              missing ??= round.missing;
              typed ||= round.typed;
              finish([...round.answers]);
            },
            () => finish([]),
          );
        },
      };
      if (this.#partial || missing !== undefined || !typed) return;
      this.#interview.refused();
      if (tries === typingTries) this.#annotate(`${typingTries} times`);
    }
  }

  async *#password(): AsyncGenerator<AnyAuthMethod, void> {
    const { password: source, user: username } = this.#settings;
    if (!this.#allowed('password')) return;
    if (source === undefined) {
      this.#tried.push('no password, because the inventory names none');
      return;
    }
    for (let tries = 1; tries <= typingTries && this.#allowed('password'); tries += 1) {
      const refusedBy = tries === 1 ? undefined : place(this.#settings);
      const secret = await this.#options.whileAsking(this.#interactive.password(username, source, refusedBy));
      if ('missing' in secret) {
        this.#tried.push(`no password, because ${secret.missing}`);
        return;
      }
      if (tries === 1) this.#tried.push('the password');
      yield { type: 'password', username, password: secret.value };
      if (this.#partial || source !== 'prompt') return;
      await this.#interactive.passwordRefused(username, secret.value);
      if (tries === typingTries) this.#annotate(`${typingTries} times`);
    }
  }

  /** Says more of the last attempt. */
  #annotate(reason: string): void {
    this.#tried.push(`${this.#tried.pop()} (${reason})`);
  }
}
