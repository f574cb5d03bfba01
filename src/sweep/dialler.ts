import type { Duplex } from 'node:stream';
import type { Answer } from '../model/observation.js';
import { DialFailure, type Vantage, VantageFailure } from '../model/vantage.js';
import { ProofOfLife } from './proof-of-life.js';
import { interrupted, type Untried } from './remainder.js';

/** What a dial brought, and how long after the connect was sent: measured on the node where that is possible. */
export type Dialled =
  | { readonly kind: 'stream'; readonly stream: Duplex; readonly afterUs: number }
  | { readonly kind: 'answer'; readonly answer: Answer; readonly afterUs: number };

/** Dials with a limit of time, and believes in silence only where the target alone can be the cause of it. */
export class Dialler {
  readonly #vantage: Vantage;
  readonly #signal: AbortSignal;
  readonly #life: ProofOfLife;
  /** Of the dials under way. One listener for all of them, and signals used again: both cost more than a dial's bytes. */
  readonly #underWay = new Set<AbortController>();
  readonly #spare: AbortController[] = [];

  constructor(vantage: Vantage, signal: AbortSignal) {
    this.#vantage = vantage;
    this.#signal = signal;
    this.#life = new ProofOfLife(vantage, signal);
  }

  /** Rejects on a bug only; interrupted, the answer is that. */
  async dial(address: string, port: number, timeoutMs: number): Promise<Dialled> {
    const giveUp = this.#begin();
    let sentAt = performance.now();
    let timer: NodeJS.Timeout | undefined;
    let verdict: Answer | undefined;
    const expire = async () => {
      // The open stays wanted meanwhile: where this program was slow or stopped, its answer lies before the proof's.
      const dead = await this.#life.wanted();
      verdict = dead ?? { kind: 'silence', afterMs: timeoutMs };
    };
    const onSent = () => {
      sentAt = performance.now();
      clearTimeout(timer);
      timer = setTimeout(() => {
        expire().then(
          () => giveUp.abort(),
          (bug: unknown) => giveUp.abort(bug),
        );
      }, timeoutMs);
    };
    const afterUs = () => (performance.now() - sentAt) * 1000;
    try {
      const stream = await this.#vantage.dial(address, port, giveUp.signal, onSent);
      return { kind: 'stream', stream, afterUs: stream.connectUs ?? afterUs() };
    } catch (error) {
      const answer = answerOf(error) ?? (this.#signal.aborted ? interrupted : verdict);
      if (answer === undefined) throw error;
      return { kind: 'answer', answer, afterUs: afterUs() };
    } finally {
      clearTimeout(timer);
      this.#end(giveUp);
    }
  }

  readonly #interrupt = () => {
    for (const controller of this.#underWay) controller.abort(this.#signal.reason);
  };

  #begin(): AbortController {
    const controller = this.#spare.pop() ?? new AbortController();
    if (this.#underWay.size === 0) this.#signal.addEventListener('abort', this.#interrupt);
    this.#underWay.add(controller);
    if (this.#signal.aborted) controller.abort(this.#signal.reason);
    return controller;
  }

  #end(controller: AbortController): void {
    this.#underWay.delete(controller);
    if (this.#underWay.size === 0) this.#signal.removeEventListener('abort', this.#interrupt);
    if (!controller.signal.aborted) this.#spare.push(controller);
  }

  /** Undefined once the node has answered something sent after this call; else why it did not. */
  alive(): Promise<Untried | undefined> {
    return this.#life.wanted();
  }
}

function answerOf(error: unknown): Answer | undefined {
  if (error instanceof DialFailure) return error.answer;
  if (error instanceof VantageFailure) return { kind: 'untried', cause: 'connection-lost', detail: error.message };
  return undefined;
}
