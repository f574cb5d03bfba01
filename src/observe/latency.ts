import type { LatencyHistogram } from '../model/observation.js';

/** The histogram of connect times in microseconds; see {@link LatencyHistogram} for its buckets. */
export function histogramOf(microseconds: readonly number[]): LatencyHistogram {
  const buckets = new Map<number, number>();
  let minUs = Number.POSITIVE_INFINITY;
  let maxUs = 0;
  for (const time of microseconds) {
    const bucket = Math.trunc(16 * Math.log2(Math.max(1, time)));
    buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
    minUs = Math.min(minUs, time);
    maxUs = Math.max(maxUs, time);
  }
  return { buckets, minUs, maxUs };
}
