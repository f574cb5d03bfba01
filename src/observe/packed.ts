import type {
  AddressObservation,
  Answer,
  Latency,
  LatencyHistogram,
  PhaseTimes,
  Segment,
  SourceObservations,
  Spoken,
  TargetObservation,
} from '../model/observation.js';
import type { PortInterval, PortSet } from '../model/port-set.js';
import { ByteReader, ByteWriter } from './bytes.js';

// A pair of hosts takes about 1.5 kB as objects, and a mesh of 1,000 hosts has a million pairs. Packed it is 20 to 100
// bytes, whatever the number of ports that answered alike: intervals, each answer and text once a run, and connect times
// in whole microseconds.

const phaseNames = ['resolve', 'connect', 'tls', 'firstByte'] as const;

/** Texts and answers of a run, each once. */
class Vocabulary<T> {
  readonly #numbers = new Map<string, number>();
  readonly #things: T[] = [];

  numberOf(key: string, thing: T): number {
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#things.push(thing) - 1;
      this.#numbers.set(key, number);
    }
    return number;
  }

  /** Undefined where it was never said. */
  find(key: string): number | undefined {
    return this.#numbers.get(key);
  }

  at(number: number): T {
    return this.#things[number]!;
  }
}

/** Packs what the sources of one run saw. */
export class Packer {
  readonly #texts = new Vocabulary<string>();
  readonly #answers = new Vocabulary<Answer>();
  readonly #writer = new ByteWriter();

  /** What one source saw, in little memory; unpacked target by target as it is asked for. */
  pack(targets: ReadonlyMap<string, TargetObservation>): SourceObservations {
    const numbered = [...targets.values()]
      .map((observation) => ({ observation, number: this.#text(observation.target) }))
      .sort((a, b) => a.number - b.number);
    const starts = numbered.map(({ observation }) => {
      const start = this.#writer.length;
      this.#writeTarget(observation);
      return start;
    });
    const numbers = Uint32Array.from(numbered, ({ number }) => number);
    const bytes = this.#writer.take();
    return new Packed({ numbers, starts: Uint32Array.from(starts), bytes }, this.#texts, this.#answers);
  }

  #text(text: string): number {
    return this.#texts.numberOf(text, text);
  }

  #optional(text: string | undefined): number {
    return text === undefined ? 0 : this.#text(text) + 1;
  }

  #writeTarget({ addresses, nameFailure }: TargetObservation): void {
    const writer = this.#writer;
    writer.put(this.#optional(nameFailure));
    writer.put(addresses.length);
    for (const { address, latencies, segments, sourceAddress, spoken } of addresses) {
      writer.put(this.#text(address));
      writer.put(this.#optional(sourceAddress));
      writer.put(segments.length);
      for (const { answer, ports } of segments) {
        writer.put(this.#answers.numberOf(JSON.stringify(answer), answer));
        this.#writePorts(ports);
      }
      writer.put(spoken.length);
      for (const each of spoken) this.#writeSpoken(each);
      writer.put(latencies.length);
      for (const { histogram, ports } of latencies) {
        this.#writePorts(ports);
        this.#writeHistogram(histogram);
      }
    }
  }

  #writeSpoken({ answer, phases, port, service, via }: Spoken): void {
    this.#writer.put(port);
    this.#writer.put(this.#optional(service));
    this.#writer.put(this.#optional(via?.authority));
    if (via !== undefined) this.#writer.put(this.#optional(via.address));
    this.#writer.put(this.#answers.numberOf(JSON.stringify(answer), answer));
    for (const phase of phaseNames) {
      const ms = phases[phase];
      this.#writer.put(ms === undefined ? 0 : Math.round(ms * 1000) + 1);
    }
  }

  #writePorts(ports: PortSet): void {
    this.#writer.put(ports.length);
    let previous = 0;
    for (const [first, last] of ports) {
      this.#writer.put(first - previous);
      this.#writer.put(last - first);
      previous = last;
    }
  }

  #writeHistogram({ buckets, maxUs, minUs }: LatencyHistogram): void {
    this.#writer.put(Math.round(minUs));
    this.#writer.put(Math.round(maxUs));
    this.#writer.put(buckets.size);
    let previous = 0;
    for (const [bucket, count] of [...buckets].sort(([a], [b]) => a - b)) {
      this.#writer.put(bucket - previous);
      this.#writer.put(count);
      previous = bucket;
    }
  }
}

interface Records {
  /** The number of each target's text, ascending. */
  readonly numbers: Uint32Array;
  /** Where each target's record begins. */
  readonly starts: Uint32Array;
  readonly bytes: Uint8Array;
}

class Packed implements SourceObservations {
  readonly #records: Records;
  readonly #texts: Vocabulary<string>;
  readonly #answers: Vocabulary<Answer>;

  constructor(records: Records, texts: Vocabulary<string>, answers: Vocabulary<Answer>) {
    this.#records = records;
    this.#texts = texts;
    this.#answers = answers;
  }

  get size(): number {
    return this.#records.numbers.length;
  }

  get(target: string): TargetObservation | undefined {
    const number = this.#texts.find(target);
    if (number === undefined) return undefined;
    const { numbers } = this.#records;
    let low = 0;
    let high = numbers.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = numbers[middle]!;
      if (found === number) return this.#read(middle);
      if (found < number) low = middle + 1;
      else high = middle - 1;
    }
    return undefined;
  }

  *values(): Iterable<TargetObservation> {
    for (let index = 0; index < this.size; index++) yield this.#read(index);
  }

  #read(index: number): TargetObservation {
    const { bytes, numbers, starts } = this.#records;
    const reader = new ByteReader(bytes, starts[index]!);
    const nameFailure = this.#optional(reader.next());
    const addresses = reader.list(() => this.#readAddress(reader));
    return { target: this.#texts.at(numbers[index]!), nameFailure, addresses };
  }

  #optional(number: number): string | undefined {
    return number === 0 ? undefined : this.#texts.at(number - 1);
  }

  #readAddress(reader: ByteReader): AddressObservation {
    const address = this.#texts.at(reader.next());
    const sourceAddress = this.#optional(reader.next());
    const segments = reader.list((): Segment => {
      const answer = this.#answers.at(reader.next());
      return { ports: readPorts(reader), answer };
    });
    const spoken = reader.list(() => this.#readSpoken(reader));
    const latencies = reader.list((): Latency => ({ ports: readPorts(reader), histogram: readHistogram(reader) }));
    return { address, sourceAddress, segments, spoken, latencies };
  }

  #readSpoken(reader: ByteReader): Spoken {
    const port = reader.next();
    const service = this.#optional(reader.next());
    const authority = this.#optional(reader.next());
    const via = authority === undefined ? {} : { via: { authority, address: this.#optional(reader.next()) } };
    const answer = this.#answers.at(reader.next());
    const phases: { -readonly [Phase in keyof PhaseTimes]: PhaseTimes[Phase] } = {};
    for (const phase of phaseNames) {
      const us = reader.next();
      if (us > 0) phases[phase] = (us - 1) / 1000;
    }
    return { port, service, answer, phases, ...via };
  }
}

function readPorts(reader: ByteReader): PortSet {
  let previous = 0;
  return reader.list((): PortInterval => {
    const first = previous + reader.next();
    previous = first + reader.next();
    return [first, previous];
  });
}

function readHistogram(reader: ByteReader): LatencyHistogram {
  const minUs = reader.next();
  const maxUs = reader.next();
  let bucket = 0;
  const buckets = reader.list((): [number, number] => {
    bucket += reader.next();
    return [bucket, reader.next()];
  });
  return { buckets: new Map(buckets), minUs, maxUs };
}
