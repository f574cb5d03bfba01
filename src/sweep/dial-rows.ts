import { canonicalAddress } from '../model/addresses.js';
import type { Answer } from '../model/observation.js';
import { countPorts, type PortInterval, type PortSet, portSet } from '../model/port-set.js';
import type { SweepEvent } from '../model/sweep.js';

/** One address of one item, and what has been seen of it. */
export class DialRow {
  readonly item: number;
  readonly address: string;
  readonly count: number;
  /** Something other than silence came back from it. */
  answered = false;
  silent: number[] = [];
  readonly #ports: PortSet;
  #pending = new Map<string, { readonly answer: Answer; readonly intervals: PortInterval[] }>();
  #microseconds: number[] = [];

  constructor(item: number, address: string, ports: PortSet) {
    this.item = item;
    this.address = address;
    this.#ports = ports;
    this.count = countPorts(ports);
  }

  /** The port with this number among the row's ports. */
  port(index: number): number {
    let left = index;
    for (const [first, last] of this.#ports) {
      if (left <= last - first) return first + left;
      left -= last - first + 1;
    }
    throw new RangeError(`the row has no port number ${index}`);
  }

  note(port: number, answer: Answer): void {
    const key = JSON.stringify(answer);
    const known = this.#pending.get(key);
    if (known === undefined) this.#pending.set(key, { answer, intervals: [[port, port]] });
    else known.intervals.push([port, port]);
  }

  noteTime(microseconds: number): void {
    this.#microseconds.push(Math.max(1, Math.round(microseconds)));
  }

  /** What has been noted since the last call. */
  *answers(): Generator<SweepEvent> {
    const pending = this.#pending;
    this.#pending = new Map();
    for (const { answer, intervals } of pending.values())
      yield { type: 'answers', item: this.item, address: this.address, ports: portSet(intervals), answer };
  }

  latency(): SweepEvent | undefined {
    if (this.#microseconds.length === 0) return undefined;
    const buckets = new Map<number, number>();
    let minUs = Number.POSITIVE_INFINITY;
    let maxUs = 0;
    for (const time of this.#microseconds) {
      const bucket = Math.trunc(16 * Math.log2(time));
      buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
      minUs = Math.min(minUs, time);
      maxUs = Math.max(maxUs, time);
    }
    const histogram = { buckets, minUs, maxUs };
    return { type: 'latency', item: this.item, address: this.address, sourceAddress: undefined, histogram };
  }
}

/** Whether a literal address is one of these, however it is written. */
export function isAmong(address: string, addresses: readonly string[]): boolean {
  const wanted = canonicalAddress(address);
  if (wanted === '0.0.0.0' || wanted === '::') return true;
  return addresses.some((own) => canonicalAddress(own) === wanted);
}
