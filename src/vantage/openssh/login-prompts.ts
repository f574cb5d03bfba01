import { type Interactive, Interview } from '../interactive.js';
import type { LoginSettings } from '../login-settings.js';
import type { Secret } from '../secrets.js';
import { place, printable } from '../sentences.js';
import type { Prompt } from './askpass.js';
import type { LoginLog } from './login-log.js';

/** As ssh asks a person, and `NumberOfPasswordPrompts` says. */
const tries = 3;

/** What one login's ssh may ask, and who answers. */
export class LoginPrompts {
  /** What was tried with an answer, or why there was none: for the sentence of a refused login. */
  readonly tried: string[] = [];
  /** Resolves when the login cannot go on, because there is no answer or the server did not take it. */
  readonly hopeless: Promise<void>;
  readonly #settings: LoginSettings;
  readonly #interactive: Interactive;
  readonly #interview: Interview;
  readonly #readLog: () => Promise<LoginLog>;
  readonly #given = new Map<string, string>();
  #round: { readonly refusals: number; readonly typed: boolean } | undefined;
  #rounds = 0;
  #passwords = 0;
  #giveUp: () => void = () => {};

  /** `readLog` tells how far the login has come by now. */
  constructor(settings: LoginSettings, interactive: Interactive, readLog: () => Promise<LoginLog>) {
    this.#settings = settings;
    this.#interactive = interactive;
    this.#interview = new Interview(interactive, settings);
    this.#readLog = readLog;
    this.hopeless = new Promise((resolve) => {
      this.#giveUp = resolve;
    });
  }

  async answer({ notice, text }: Prompt): Promise<string | undefined> {
    const { hostname, user } = this.#settings;
    if (notice) {
      this.#interactive.warn(`${this.#settings.host}: ${printable(text)}`);
      return undefined;
    }
    const file = /^Enter passphrase for (?:key )?'?(.*?)'?: $/.exec(text)?.[1];
    if (file !== undefined) return this.#passphrase(file);
    const [, owner, question] = /^\(?(\S+@[^\s)]+?)(?:\)|'s(?= password: $)) ([\s\S]*)$/.exec(text) ?? [];
    // A PIN of a FIDO key or a smart card is the same for every host. And a proxy command of the user's own may be an ssh
    // that asks for another host: it must not be given this one's password.
    const own = owner === undefined || owner.toLowerCase() === `${user}@${hostname}`.toLowerCase();
    if (!own || /^Enter PIN for /.test(text)) {
      return this.#kept(text, await this.#interactive.secrets.answer(text, printable(text)));
    }
    return question === 'password: ' && !text.startsWith('(') ? this.#password() : this.#ask(question ?? text);
  }

  /** The login is over, and with it the turn at the terminal. */
  end(): void {
    this.#interview.end();
  }

  async #ask(question: string): Promise<string | undefined> {
    const what = 'keyboard-interactive';
    const { accepted, partial, refusals } = await this.#readLog();
    // As with ssh2: without a word in the inventory, nobody is asked where a key was meant to do.
    if (this.#settings.password === undefined && accepted.includes('password') && !partial) return this.#noAnswer();
    if (this.#round !== undefined && refusals > this.#round.refusals) {
      if (!this.#round.typed) return this.#noAnswer();
      this.#rounds += 1;
      this.#interview.refused();
    }
    const prompts = [{ prompt: question, echo: false }];
    const { answers, missing, typed } = await this.#interview.answer({ name: '', instructions: '', prompts });
    const before = this.#round?.refusals === refusals && this.#round.typed;
    this.#round = { refusals, typed: typed || before };
    const times = this.#rounds === tries - 1 ? ` (${tries} times)` : '';
    this.#say(what, missing === undefined ? times : ` (${missing})`);
    return missing === undefined ? answers[0] : this.#noAnswer();
  }

  async #password(): Promise<string | undefined> {
    const what = 'the password';
    const { password: source = 'prompt', user } = this.#settings;
    const refused = this.#given.get(what);
    if (refused !== undefined) {
      if (source !== 'prompt') return this.#noAnswer();
      await this.#interactive.passwordRefused(user, refused);
    }
    const refusedBy = refused === undefined ? undefined : place(this.#settings);
    const secret = await this.#interactive.password(user, source, refusedBy);
    if ('missing' in secret) {
      this.tried.push(`no password, because ${secret.missing}`);
      return this.#noAnswer();
    }
    this.#passwords += 1;
    this.#say(what, this.#passwords === tries ? ` (${tries} times)` : '');
    return this.#kept(what, secret);
  }

  async #passphrase(file: string): Promise<string | undefined> {
    const source = this.#settings.passphrase ?? 'prompt';
    const topic = `passphrase of ${file}`;
    const wrong = this.#given.get(topic);
    const { secrets } = this.#interactive;
    if (wrong !== undefined) {
      if (source !== 'prompt') {
        this.tried.push(`the key ${file} (${file} is encrypted and the passphrase in ${source.env} does not open it)`);
        return undefined;
      }
      await secrets.forget(topic, wrong);
    }
    const secret = await secrets.obtain(topic, source, `Passphrase of ${file}: `);
    // Without an answer ssh goes on to the next key.
    if ('missing' in secret) this.tried.push(`the key ${file} (${file} is encrypted and ${secret.missing})`);
    return this.#kept(topic, secret);
  }

  #kept(topic: string, secret: Secret): string | undefined {
    if ('missing' in secret) return undefined;
    this.#given.set(topic, secret.value);
    return secret.value;
  }

  /** Says of an attempt, once, what is known of it last. */
  #say(what: string, more: string): void {
    const known = this.tried.findIndex((one) => one === what || one.startsWith(`${what} (`));
    if (known === -1) this.tried.push(`${what}${more}`);
    else if (more !== '') this.tried[known] = `${what}${more}`;
  }

  /** ssh would send an empty answer, and be told once more that it is wrong: it waits until it is ended. */
  #noAnswer(): Promise<undefined> {
    this.#giveUp();
    return new Promise(() => {});
  }
}
