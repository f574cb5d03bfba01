import type { Answer } from '../model/observation.js';
import type { PortSet } from '../model/port-set.js';
import { PortUnion } from '../model/port-union.js';
import type { SweepEvent } from '../model/sweep.js';
import type { Pulse } from '../remote-program/pulse.js';

/** What a program reports within a second arrives together; a slow node may take as long again. */
const reportMs = 2000;

/** Ports whose silence, or failing on the node itself, is no evidence; of a name that did not resolve, no address. */
export interface Unproven {
  readonly item: number;
  readonly address: string | undefined;
  readonly ports: PortSet;
  readonly answer: Answer | undefined;
}

interface Word extends Unproven {
  readonly fromMs: number;
  readonly atMs: number;
}

/**
 * Keeps apart what a node says while it is being cut off: that nobody answers, that it has no neighbour. Believed is such
 * an answer only where the controller's heartbeats came back all the while that its probe was under way, and once after
 * it. What arrived from a target is an answer whatever happened to the way.
 */
export class LastWords {
  readonly #pulse: Pulse;
  readonly #timeoutMs: number;
  readonly #own: ReadonlySet<string>;
  #waiting: Word[] = [];
  readonly #doubted: Word[] = [];

  constructor(pulse: Pulse, timeoutMs: number, ownAddresses: readonly string[]) {
    this.#pulse = pulse;
    this.#timeoutMs = timeoutMs;
    this.#own = new Set(ownAddresses);
  }

  note(event: SweepEvent, ports: (item: number) => PortSet): void {
    const atMs = this.#pulse.nowMs;
    const fromMs = atMs - this.#timeoutMs - reportMs;
    if (event.type === 'answers' && isLastWord(event.answer, this.#own)) this.#waiting.push({ ...event, fromMs, atMs });
    if (event.type === 'name-failure')
      this.#waiting.push({
        item: event.item,
        address: undefined,
        answer: undefined,
        ports: ports(event.item),
        fromMs,
        atMs,
      });
  }

  /** An echo has come: what was said before its heartbeat was sent is settled, for good or ill. */
  settle(echoSentMs: number): void {
    const later: Word[] = [];
    for (const word of this.#waiting) {
      if (word.atMs > echoSentMs) later.push(word);
      else if (!this.#pulse.wasAlive(word.fromMs, word.atMs)) this.#doubted.push(word);
    }
    this.#waiting = later;
  }

  get areWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** What is not believed: with `unsettled`, also what no echo has come after. */
  doubted(unsettled: boolean): readonly Unproven[] {
    const words = unsettled ? [...this.#doubted, ...this.#waiting] : this.#doubted;
    const byAddress = new Map<string, { readonly word: Word; readonly ports: PortUnion }>();
    for (const word of words) {
      const key = `${word.item} ${word.address ?? ''} ${JSON.stringify(word.answer)}`;
      let known = byAddress.get(key);
      if (known === undefined) {
        known = { word, ports: new PortUnion() };
        byAddress.set(key, known);
      }
      known.ports.add(word.ports);
    }
    return [...byAddress.values()].map(({ word: { item, address, answer }, ports }) => {
      return { item, address, ports: ports.ports(), answer };
    });
  }
}

/** Whether a node that has just lost its network would say so of any target. */
function isLastWord(answer: Answer, own: ReadonlySet<string>): boolean {
  switch (answer.kind) {
    case 'silence':
      return true;
    case 'tokenless':
      return answer.how === 'silent';
    case 'error':
      if (answer.icmp !== undefined) return own.has(answer.icmp.sender);
      return answer.errno !== 'ECONNREFUSED' && answer.errno !== 'ECONNRESET';
    case 'connected':
    case 'token':
    case 'dialogue':
    case 'untried':
      return false;
  }
}
