import type { PortSet } from '../model/port-set.js';
import { PortUnion } from '../model/port-union.js';
import type { Outcome } from '../model/report.js';
import { Numbering } from './numbering.js';
import type { Symptom } from './symptom.js';

/** Where a check starts. */
export interface SourceEnd {
  /** Its id up to the last slash, and that. */
  readonly idStart: string;
  readonly flow: string;
  readonly host: string;
}

/** Where it leads. */
export interface DestinationEnd {
  readonly idEnd: string;
  readonly host: string;
  /** The literal that was tried; empty where there was none. */
  readonly address: string;
}

/** What was seen, apart from where. */
export interface Sight {
  /** Empty where so many different sets were seen that only their union is kept. */
  readonly ports: string;
  readonly outcome: Outcome;
  readonly reason: string | null;
  readonly sender: string | undefined;
  /** Whether other ports of the same check and address were rejected or silent in turn. */
  readonly mixed: boolean;
  /** 0 where it made a check fail, 1 where it left one unknown, 2 for a warning. */
  readonly weight: number;
}

/** One symptom, put together again. */
export interface Member {
  /** The position of its check in the plan. */
  readonly position: number;
  readonly source: SourceEnd;
  readonly destination: DestinationEnd;
  readonly sight: Sight;
}

/** The ends that the symptoms of a run refer to. */
export class Ends {
  readonly sources = new Numbering<SourceEnd>();
  readonly destinations = new Numbering<DestinationEnd>();
}

const columns = 4;
const mostPortSets = 64;

/**
 * The symptoms of one finding. Of each no more is kept than four numbers: a mesh of 1,000 hosts may fail in a million
 * places.
 */
export class SymptomGroup {
  readonly cause: Symptom['cause'];
  readonly #ends: Ends;
  readonly #sights: Numbering<Sight>;
  readonly #ports: PortUnion;
  #lastPorts = '';
  #cells = new Int32Array(columns * 4);
  #size = 0;

  constructor(cause: Symptom['cause'], ends: Ends, of?: SymptomGroup) {
    this.cause = cause;
    this.#ends = ends;
    this.#sights = of === undefined ? new Numbering() : of.#sights;
    this.#ports = of === undefined ? new PortUnion() : of.#ports;
  }

  get size(): number {
    return this.#size;
  }

  get ports(): PortSet {
    return this.#ports.ports();
  }

  add(position: number, { check, outcome, ports }: Symptom): void {
    const flow = `${check.scenario}/${check.flow}`;
    const cut = check.id.lastIndexOf('/') + 1;
    const idStart = check.id.slice(0, cut);
    const from = check.from ?? check.fromRole ?? '';
    const source = this.#ends.sources.numberOf(check.from === null ? `${check.id} ${from}` : idStart, () => ({
      idStart,
      flow,
      host: from,
    }));
    const idEnd = check.id.slice(cut);
    const to = check.to ?? check.toRole ?? '';
    const address = outcome.address ?? check.address ?? '';
    const destination = this.#ends.destinations.numberOf(`${idEnd} ${to} ${address}`, () => ({
      idEnd,
      host: to,
      address,
    }));
    const { reason, sender } = outcome;
    const mixed =
      outcome.outcome === 'rejected' &&
      check.outcomes.some((other) => other.outcome === 'timeout' && other.address === outcome.address);
    const weight = check.status === 'fail' && outcome.status === 'fail' ? 0 : check.status === 'warn' ? 2 : 1;
    if (outcome.ports !== this.#lastPorts) this.#ports.add(ports);
    this.#lastPorts = outcome.ports;
    const text = this.#sights.size < mostPortSets ? outcome.ports : '';
    const word = outcome.outcome;
    const sight = this.#sights.numberOf([word, text, sender, weight, mixed, reason].join(' '), () => ({
      ...{ ports: text, outcome: word, reason, sender, mixed, weight },
    }));
    this.#push(position, source, destination, sight);
  }

  #push(...cells: readonly [number, number, number, number]): void {
    const start = this.#size * columns;
    if (start === this.#cells.length) {
      const larger = new Int32Array(this.#cells.length * 2);
      larger.set(this.#cells);
      this.#cells = larger;
    }
    this.#cells.set(cells, start);
    this.#size++;
  }

  /** The same symptoms in several groups, by a key of each. */
  split(keyOf: (member: Member) => unknown): SymptomGroup[] {
    const parts = new Map<unknown, SymptomGroup>();
    for (let index = 0; index < this.#size; index++) {
      const key = keyOf(this.at(index));
      let part = parts.get(key);
      if (part === undefined) {
        part = new SymptomGroup(this.cause, this.#ends, this);
        parts.set(key, part);
      }
      const [position, source, destination, sight] = this.#cells.subarray(index * columns, (index + 1) * columns);
      part.#push(position!, source!, destination!, sight!);
    }
    return [...parts.values()];
  }

  *[Symbol.iterator](): Iterator<Member> {
    for (let index = 0; index < this.#size; index++) yield this.at(index);
  }

  at(index: number): Member {
    const start = index * columns;
    return {
      position: this.#cells[start]!,
      source: this.#ends.sources.at(this.#cells[start + 1]!),
      destination: this.#ends.destinations.at(this.#cells[start + 2]!),
      sight: this.#sights.at(this.#cells[start + 3]!),
    };
  }
}
