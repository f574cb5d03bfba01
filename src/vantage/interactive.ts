import type { Prompt } from 'ssh2';
import type { SecretSource } from '../model/inventory.js';
import type { LoginSettings } from './login-settings.js';
import type { Secret, Secrets } from './secrets.js';
import { place, printable } from './sentences.js';
import { Slots } from './slots.js';

type Person = Pick<LoginSettings, 'host' | 'user' | 'hostname' | 'port' | 'password'>;

/** What a server asks by keyboard-interactive (RFC 4256): one or more prompts, and a text over them. */
export interface Questions {
  readonly name: string;
  readonly instructions: string;
  readonly prompts: readonly Prompt[];
}

/** Answers for one question of a server after the other, or why there are none. */
export interface Answers {
  readonly answers: readonly string[];
  readonly missing: string | undefined;
  /** A person typed one of them for this login: it may be mistyped. */
  readonly typed: boolean;
}

/** What servers ask persons in a run. */
export class Interactive {
  readonly secrets: Secrets;
  readonly warn: (sentence: string) => void;
  /** One login at a time is asked for: PAM sends each of its prompts by itself, and two logins' must not mix. */
  readonly turns = new Slots(1);
  /** Why a login that a person has already answered for is made again, by its place. */
  readonly again = new Map<string, string>();

  constructor(secrets: Secrets, warn: (sentence: string) => void) {
    this.secrets = secrets;
    this.warn = warn;
  }

  /** Whether a person has answered the questions of this place in this run. */
  hasAsked(settings: Person): boolean {
    return this.again.has(place(settings));
  }

  /** Says why the questions of a place, if it has asked any, will be asked once more. */
  askedInVain(settings: Person, reason: string): void {
    if (this.hasAsked(settings)) this.again.set(place(settings), reason);
  }

  /** The password of the inventory's source; one that a person types is asked for once for all hosts. */
  password(user: string, source: SecretSource, refusedBy: string | undefined): Promise<Secret> {
    const why =
      refusedBy === undefined ? 'asked once, used for every host that wants it' : `${refusedBy} refused the last`;
    return this.secrets.obtain(passwordTopic(user), source, `Password of ${user} (${why}): `);
  }

  /** Forgets a typed password that was refused, unless another one was typed meanwhile. */
  passwordRefused(user: string, password: string): Promise<void> {
    return this.secrets.forget(passwordTopic(user), password);
  }
}

/** The questions of one login, from the first to the end of the login. */
export class Interview {
  readonly #interactive: Interactive;
  readonly #settings: Person;
  readonly #over = new AbortController();
  #reason: string | undefined;
  #turn: Promise<void> | undefined;

  constructor(interactive: Interactive, settings: Person) {
    this.#interactive = interactive;
    this.#settings = settings;
    this.#reason = interactive.again.get(place(settings));
  }

  /** Answers one round of questions. Rejects once the interview is over. */
  async answer({ instructions, name, prompts }: Questions): Promise<Answers> {
    const { password, user } = this.#settings;
    const text = [name, instructions].map(printable).filter((part) => part !== '');
    if (prompts.length === 0 && text.length > 0)
      this.#interactive.warn(`${this.#settings.host} says: ${text.join(': ')}`);
    const answers: string[] = [];
    let typed = false;
    for (const { echo, prompt } of prompts) {
      const source = echo !== true && asksForPassword(prompt) ? password : undefined;
      const answer =
        source === undefined
          ? await this.#ask([...text, printable(prompt)].join(' '), echo !== true)
          : await this.#interactive.password(user, source, undefined);
      if ('missing' in answer) return { answers: prompts.map(() => ''), missing: answer.missing, typed };
      typed ||= source === undefined;
      answers.push(answer.value);
    }
    return { answers, missing: undefined, typed };
  }

  /** The server did not take the answers. */
  refused(): void {
    this.#reason = 'it refused the last answer';
  }

  end(): void {
    this.#over.abort(new Error('the login is over'));
    void this.#turn?.then(
      () => this.#interactive.turns.release(),
      () => {},
    );
    this.#turn = undefined;
  }

  async #ask(demand: string, secret: boolean): Promise<Secret> {
    this.#turn ??= this.#interactive.turns.take(this.#over.signal);
    await this.#turn;
    const { host } = this.#settings;
    const who = this.#reason === undefined ? host : `${host} asks again, because ${this.#reason}`;
    const answer = await this.#interactive.secrets.askAfresh(`${who}: ${demand} `, secret);
    if ('missing' in answer) {
      return {
        missing:
          `it asks "${demand}", and ${answer.missing}; run Portolan at a terminal, or open a connection with ssh and ` +
          'ControlMaster beforehand and set "transport" to "openssh"',
      };
    }
    this.#interactive.again.set(place(this.#settings), 'it wants one more login');
    return answer;
  }
}

function passwordTopic(user: string): string {
  return `password of ${user}`;
}

/** A code that is good once is often called a one-time password, and a new password is for a person to choose. */
function asksForPassword(prompt: string): boolean {
  if (/one.?time|\b(?:otp|oath|totp|token|code|new|retype)\b|动态|一次性/i.test(prompt)) return false;
  return /pass(?:word|wort)|密码/i.test(prompt);
}
