import { type PortSet, parsePorts } from '../model/port-set.js';
import { PortUnion } from '../model/port-union.js';
import type { ReportOutcome } from '../model/report.js';
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
  /** The HTTP proxy that it is reached through; empty where there is none. */
  readonly proxy: string;
}

/** What was seen, apart from where. */
interface Sight {
  /** Empty where so many different sets were seen that only their union is kept. */
  readonly ports: string;
  readonly outcome: ReportOutcome['outcome'];
  readonly reason: string | null;
  readonly sender: string | undefined;
  /** Whether other ports of the same check and address were rejected or silent in turn. */
  readonly mixed: boolean;
  /** 0 where it made a check fail, 1 where it left one unknown, 2 for a warning. */
  readonly weight: number;
  /** What was proven of the cause; empty where nothing was. */
  readonly detail: string;
  /** The SSH port of the address, where it answered; 0 where it did not, or was not tried. */
  readonly ssh: number;
  /** Whether nothing came from any port of the address, its SSH port among them. */
  readonly mute: boolean;
  /** Whether the ports are silent, and the destination does not listen on them in any case. */
  readonly unlistened: boolean;
}

/** One symptom, put together again. */
export interface Member {
  /** The position of its check in the plan. */
  readonly position: number;
  /** Which of all symptoms of the run it is. */
  readonly serial: number;
  readonly source: SourceEnd;
  readonly destination: DestinationEnd;
  readonly sight: Sight;
}

/** The ends that the symptoms of a run refer to. */
export class Ends {
  readonly sources = new Numbering<SourceEnd>();
  readonly destinations = new Numbering<DestinationEnd>();
}

const columns = 5;

/** One firewall rule names few sets of ports. So many different ones are no rule, and are told as one. */
const mostPortSets = 64;

/** What the symptoms of a group and of the parts it is split into refer to. */
class Sights {
  readonly numbering = new Numbering<Sight>();
  readonly #texts = new Set<string>();
  /** Of the sets that are not kept apart. */
  readonly #others = new PortUnion();

  get variousPorts(): boolean {
    return this.#texts.has('');
  }

  numberOf({ check, outcome, testimony }: Symptom): number {
    const isKept = this.#texts.has(outcome.ports) || this.#texts.size < mostPortSets;
    if (!isKept) this.#others.add(parsePorts(outcome.ports) ?? []);
    const text = isKept ? outcome.ports : '';
    this.#texts.add(text);
    const { outcome: word, reason, sender } = outcome;
    const mixed =
      word === 'rejected' &&
      check.outcomes.some((other) => other.outcome === 'timeout' && other.address === outcome.address);
    const weight = check.status === 'fail' && outcome.status === 'fail' ? 0 : check.status === 'warn' ? 2 : 1;
    const detail = outcome.evidence?.detail ?? '';
    const ssh = testimony?.answeredSsh ?? 0;
    const mute = testimony?.mute ?? false;
    const unlistened = word === 'timeout' && outcome.listening === false;
    const key = `${word} ${text} ${sender} ${weight} ${mixed} ${ssh} ${mute} ${unlistened} ${reason}\n${detail}`;
    return this.numbering.numberOf(key, () => ({
      ...{ ports: text, outcome: word, reason, sender, mixed, weight, detail, ssh, mute, unlistened },
    }));
  }

  /** What was seen on: of various sets all of them. */
  portsOf(numbers: Iterable<number>): PortSet {
    const union = new PortUnion();
    for (const text of new Set(Array.from(numbers, (number) => this.numbering.at(number).ports))) {
      if (text === '') union.add(this.#others.ports());
      else union.add(parsePorts(text) ?? []);
    }
    return union.ports();
  }
}

/**
 * The symptoms of one finding. Of each no more is kept than five numbers: a mesh of 1,000 hosts may fail in a million
 * places.
 */
export class SymptomGroup {
  readonly cause: Symptom['cause'];
  readonly #ends: Ends;
  readonly #sights: Sights;
  readonly #used = new Set<number>();
  #cells = new Int32Array(columns * 4);
  #size = 0;

  constructor(cause: Symptom['cause'], ends: Ends, sights = new Sights()) {
    this.cause = cause;
    this.#ends = ends;
    this.#sights = sights;
  }

  get size(): number {
    return this.#size;
  }

  get ports(): PortSet {
    return this.#sights.portsOf(this.#used);
  }

  /** Whether so many sets of ports were seen that they are no longer told apart. */
  get variousPorts(): boolean {
    return this.#sights.variousPorts;
  }

  add(position: number, serial: number, symptom: Symptom): void {
    const { check, outcome } = symptom;
    const flow = `${check.scenario}/${check.flow}`;
    const cut = check.id.lastIndexOf('/') + 1;
    const idStart = check.id.slice(0, cut);
    // Of ports and rules nothing comes from elsewhere.
    const from = check.from ?? check.fromRole ?? check.to ?? '';
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
      proxy: check.via ?? '',
    }));
    this.#push(position, serial, source, destination, this.#sights.numberOf(symptom));
  }

  #push(position: number, serial: number, source: number, destination: number, sight: number): void {
    const start = this.#size * columns;
    if (start === this.#cells.length) {
      const larger = new Int32Array(this.#cells.length * 2);
      larger.set(this.#cells);
      this.#cells = larger;
    }
    this.#cells[start] = position;
    this.#cells[start + 1] = serial;
    this.#cells[start + 2] = source;
    this.#cells[start + 3] = destination;
    this.#cells[start + 4] = sight;
    this.#used.add(sight);
    this.#size++;
  }

  /** The same symptoms in several groups, by a key of each. */
  split(keyOf: (member: Member) => unknown): SymptomGroup[] {
    const parts = new Map<unknown, SymptomGroup>();
    for (let index = 0; index < this.#size; index++) {
      const key = keyOf(this.at(index));
      let part = parts.get(key);
      if (part === undefined) {
        part = new SymptomGroup(this.cause, this.#ends, this.#sights);
        parts.set(key, part);
      }
      const start = index * columns;
      const cells = this.#cells;
      part.#push(cells[start]!, cells[start + 1]!, cells[start + 2]!, cells[start + 3]!, cells[start + 4]!);
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
      serial: this.#cells[start + 1]!,
      source: this.#ends.sources.at(this.#cells[start + 2]!),
      destination: this.#ends.destinations.at(this.#cells[start + 3]!),
      sight: this.#sights.numbering.at(this.#cells[start + 4]!),
    };
  }
}
