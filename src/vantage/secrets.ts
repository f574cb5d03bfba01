import type { SecretSource } from '../model/inventory.js';
import type { Ask, TransportContext } from '../model/vantage.js';

/** A secret, or why there is none, in words that follow "because". */
export type Secret = { readonly value: string } | { readonly missing: string };

/** Passwords and passphrases of a run: each is asked for once, kept in memory only, and struck out of every message. */
export class Secrets {
  readonly #environment: TransportContext['environment'];
  readonly #ask: Ask;
  readonly #answers = new Map<string, Promise<Secret>>();
  readonly #known = new Set<string>();

  constructor(context: Pick<TransportContext, 'environment' | 'ask'>) {
    this.#environment = context.environment;
    this.#ask = context.ask;
  }

  /** The secret that the inventory names, or that a person types. `topic` says what it is for, and is asked about once. */
  obtain(topic: string, source: SecretSource, question: string): Promise<Secret> {
    if (source === 'prompt') return this.answer(topic, question);
    const value = this.#environment[source.env];
    if (value === undefined || value === '') {
      return Promise.resolve({
        missing: `the environment variable ${source.env}, which the inventory names, is not set`,
      });
    }
    this.#known.add(value);
    return Promise.resolve({ value });
  }

  /** Asks a person, once for each topic. */
  answer(topic: string, question: string): Promise<Secret> {
    let answer = this.#answers.get(topic);
    if (answer === undefined) {
      answer = this.askAfresh(question);
      this.#answers.set(topic, answer);
    }
    return answer;
  }

  /** Asks a person every time: for what is good once only, such as a one-time code. */
  async askAfresh(question: string, secret = true): Promise<Secret> {
    const value = await this.#ask(question, { secret });
    if (value === undefined) return { missing: 'nobody is at a terminal to ask' };
    if (secret) this.#known.add(value);
    return { value };
  }

  /** Forgets an answer that turned out wrong, so that it is asked for again; not where another was given meanwhile. */
  async forget(topic: string, wrong: string): Promise<void> {
    const asked = this.#answers.get(topic);
    const answer = await asked;
    if (answer === undefined || !('value' in answer) || answer.value !== wrong) return;
    if (this.#answers.get(topic) === asked) this.#answers.delete(topic);
  }

  /** Strikes every secret out of a text: what a server says may repeat what it was sent. */
  scrub(text: string): string {
    let scrubbed = text;
    for (const secret of this.#known) if (secret !== '') scrubbed = scrubbed.replaceAll(secret, '***');
    return scrubbed;
  }
}
