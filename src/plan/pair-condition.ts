import type { Member } from '../model/inventory.js';
import type { BoundScenario, When } from '../model/scenario.js';
import { evaluate, factsIn, type Truth } from './condition.js';

/** A flow's condition, decided for pairs: once for all whose hosts bring no facts of their own to it. */
export class PairCondition {
  /** Why it could not be decided, somewhere. */
  readonly doubts = new Set<string>();
  readonly #bound: BoundScenario;
  readonly #when: When | undefined;
  readonly #facts: readonly string[];
  #bySite: Truth | undefined;

  constructor(bound: BoundScenario, when: When | undefined) {
    this.#bound = bound;
    this.#when = when;
    this.#facts = when === undefined ? [] : factsIn(when.condition);
  }

  /** An undecidable condition allows: what is documented is kept, and the doubt told. */
  allows(from: Member, to: Member): boolean {
    if (this.#when === undefined) return true;
    if (this.#hasOwnFacts(from) || this.#hasOwnFacts(to)) return this.#evaluate(from, to) !== false;
    this.#bySite ??= this.#evaluate(undefined, undefined);
    return this.#bySite !== false;
  }

  #hasOwnFacts({ facts }: Member): boolean {
    return facts.size > 0 && this.#facts.some((fact) => facts.has(fact));
  }

  #evaluate(from: Member | undefined, to: Member | undefined): Truth {
    const doubts: string[] = [];
    const facts = { bound: this.#bound, from, to };
    const truth = evaluate(this.#when!.condition, facts, (why) => doubts.push(why));
    if (truth === 'undecidable') for (const why of doubts) this.doubts.add(why);
    return truth;
  }
}
