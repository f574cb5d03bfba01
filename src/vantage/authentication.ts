import type { AnyAuthMethod, AuthHandlerMiddleware, Prompt } from 'ssh2';
import { SingleIdentityAgent } from './agent.js';
import type { Identity } from './identities.js';
import { Keyring } from './keyring.js';
import type { LoginSettings } from './login-settings.js';
import type { Secret, Secrets } from './secrets.js';
import { list, printable } from './sentences.js';

/** One login's attempts, in ssh's order: keys, then keyboard-interactive, then the password. */
export interface Attempts {
  readonly handler: AuthHandlerMiddleware;
  /** Told by the handshake which methods the server accepts, whenever it refuses one. */
  serverAccepts(methods: readonly string[]): void;
  /** What was tried and what the server accepts, for the sentence of a refused login. */
  account(): string;
}

export interface AttemptOptions {
  /** False once a host key was accepted against the evidence: then nothing is sent that can be stolen. */
  readonly mayTypeSecrets: () => boolean;
  /** Runs while a person is asked: the server's silence is ours then. */
  readonly whileAsking: <T>(work: Promise<T>) => Promise<T>;
}

/** What a run has to log in with: key files, agents and secrets, each read or asked for once. */
export class Authentication {
  readonly #secrets: Secrets;
  readonly #keys: Keyring;

  constructor(secrets: Secrets) {
    this.#secrets = secrets;
    this.#keys = new Keyring(secrets);
  }

  /** Prepares a login. */
  async attempts(settings: LoginSettings, options: AttemptOptions): Promise<Attempts> {
    const tried: string[] = [];
    const identities = await this.#keys.identities(settings, tried);
    let accepted: readonly string[] | undefined;
    const allowed = (method: string) => accepted === undefined || accepted.includes(method);
    const { user: username } = settings;
    const steps = this.#steps(settings, identities, tried, options, allowed);
    let first = true;
    const next = async (): Promise<AnyAuthMethod | false> => {
      if (first) {
        first = false;
        return { type: 'none', username };
      }
      return (await steps.next()).value ?? false;
    };
    return {
      handler: (methods, _partial, done) => {
        if (accepted === undefined && methods !== null) accepted = methods;
        next().then(
          (method) => done(method as AnyAuthMethod),
          (error: Error) => {
            tried.push(error.message);
            done(false as unknown as AnyAuthMethod);
          },
        );
      },
      serverAccepts: (methods) => {
        accepted = methods;
      },
      account: () => {
        const what = tried.length === 0 ? 'there was nothing to try' : `tried ${list(tried)}`;
        return `${what}; the server accepts ${accepted === undefined || accepted.length === 0 ? 'nothing that was tried' : list(accepted)}`;
      },
    };
  }

  async *#steps(
    settings: LoginSettings,
    identities: readonly Identity[],
    tried: string[],
    options: AttemptOptions,
    allowed: (method: string) => boolean,
  ): AsyncGenerator<AnyAuthMethod, undefined> {
    const { user: username } = settings;
    for (const identity of identities) {
      if (!allowed('publickey')) break;
      tried.push(identity.description);
      const patient: Identity = { ...identity, sign: (data, hash) => options.whileAsking(identity.sign(data, hash)) };
      const agent = new SingleIdentityAgent(patient, (reason) => annotate(tried, reason));
      yield { type: 'agent', username, agent };
    }
    if (!options.mayTypeSecrets()) {
      tried.push('no password, because the host key is not the known one');
      return undefined;
    }
    if (allowed('keyboard-interactive') && (settings.password !== undefined || !allowed('password'))) {
      tried.push('keyboard-interactive');
      yield {
        type: 'keyboard-interactive',
        username,
        prompt: (_name, instructions, _language, prompts, finish) => {
          const answers = this.#answers(settings, printable(instructions), prompts);
          options.whileAsking(answers).then(
            (secrets) => {
              const missing = secrets.find((secret) => 'missing' in secret);
              if (missing !== undefined) annotate(tried, missing.missing);
              finish(secrets.map((secret) => ('value' in secret ? secret.value : '')));
            },
            () => finish([]),
          );
        },
      };
    }
    if (!allowed('password')) return undefined;
    if (settings.password === undefined) {
      tried.push('no password, because the inventory names none');
    } else {
      const secret = await options.whileAsking(this.#password(settings));
      if ('missing' in secret) {
        tried.push(`no password, because ${secret.missing}`);
        return undefined;
      }
      tried.push('the password');
      yield { type: 'password', username, password: secret.value };
    }
    return undefined;
  }

  #password(settings: LoginSettings): Promise<Secret> {
    const question = `Password of ${settings.user} (asked once, used for every host that wants it): `;
    return this.#secrets.obtain(`password of ${settings.user}`, settings.password ?? 'prompt', question);
  }

  async #answers(settings: LoginSettings, instructions: string, prompts: readonly Prompt[]): Promise<Secret[]> {
    const answers: Secret[] = [];
    for (const { prompt, echo } of prompts) {
      const isPassword = echo !== true && /pass(?:word|wort)|密码/i.test(prompt);
      if (isPassword) {
        answers.push(await this.#password(settings));
        continue;
      }
      const demand = [instructions, printable(prompt)].filter((text) => text !== '').join(' ');
      answers.push(await this.#secrets.askAfresh(`${settings.host}: ${demand} `, echo !== true));
    }
    return answers;
  }
}

/** Says why the last attempt came to nothing. */
function annotate(tried: string[], reason: string): void {
  tried.push(`${tried.pop()} (${reason})`);
}
