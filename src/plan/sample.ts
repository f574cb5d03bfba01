import { type PortInterval, type PortSet, portSet } from '../model/port-set.js';
import type { Sample } from './options.js';

/** Takes samples of port sets. One set is sampled once, so that checks go on sharing it. */
export interface Sampler {
  readonly seed: number;
  take(ports: PortSet): PortSet;
}

export function makeSampler(sample: Sample): Sampler {
  const taken = new WeakMap<PortSet, PortSet>();
  const take = (ports: PortSet) => {
    const known = taken.get(ports);
    if (known !== undefined) return known;
    const some = ports.every(([first, last]) => last - first < sample.ports)
      ? ports
      : portSet(ports.flatMap((interval) => sampleInterval(interval, sample)));
    taken.set(ports, some);
    return some;
  };
  return { seed: sample.seed, take };
}

/** The two ends, where a range is cut off most often, and ports between them; by Floyd's algorithm, without a list of all. */
function sampleInterval([first, last]: PortInterval, sample: Sample): readonly PortInterval[] {
  if (last - first < sample.ports) return [[first, last]];
  if (sample.ports === 1) return [[first, first]];
  const random = randomNumbers(sample.seed ^ (first * 65536 + last));
  const between = new Set<number>();
  for (let highest = last - sample.ports + 2; highest < last; highest++) {
    const port = first + 1 + Math.floor(random() * (highest - first));
    between.add(between.has(port) ? highest : port);
  }
  return [first, ...between, last].map((port) => [port, port]);
}

/** Mulberry32: small, seeded, and the same on every machine. */
function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
