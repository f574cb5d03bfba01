import type { LatencyHistogram } from '../model/observation.js';

/** Linux resends a SYN after 1 s; connect times from here on have lost one. */
const lostSynUs = 900_000;

/** Adds histograms up; undefined where there is nothing to add. */
export function mergeHistograms(histograms: readonly LatencyHistogram[]): LatencyHistogram | undefined {
  const filled = histograms.filter(({ buckets }) => buckets.size > 0);
  if (filled.length <= 1) return filled[0];
  const buckets = new Map<number, number>();
  for (const histogram of filled)
    for (const [bucket, count] of histogram.buckets) buckets.set(bucket, (buckets.get(bucket) ?? 0) + count);
  const minUs = Math.min(...filled.map((histogram) => histogram.minUs));
  const maxUs = Math.max(...filled.map((histogram) => histogram.maxUs));
  return { buckets, minUs, maxUs };
}

/** For the report, in milliseconds: two significant digits, whole milliseconds from 100 on. */
export function latencyMs(histogram: LatencyHistogram): { min: number; median: number; max: number } {
  return { min: toMs(histogram.minUs), median: toMs(medianUs(histogram)), max: toMs(histogram.maxUs) };
}

/** How many connects lost their first SYN. */
export function countLostSyns(histogram: LatencyHistogram): number {
  let lost = 0;
  for (const [bucket, count] of histogram.buckets) if (middleUs(bucket) >= lostSynUs) lost += count;
  return lost;
}

function medianUs(histogram: LatencyHistogram): number {
  const sorted = [...histogram.buckets].sort(([a], [b]) => a - b);
  const total = sorted.reduce((sum, [, count]) => sum + count, 0);
  let seen = 0;
  for (const [bucket, count] of sorted) {
    seen += count;
    if (seen * 2 >= total) return Math.min(Math.max(middleUs(bucket), histogram.minUs), histogram.maxUs);
  }
  return histogram.minUs;
}

/** The geometric middle of a bucket, which starts at 2^(bucket/16) µs. */
function middleUs(bucket: number): number {
  return 2 ** ((bucket + 0.5) / 16);
}

function toMs(us: number): number {
  const ms = us / 1000;
  return ms >= 100 ? Math.round(ms) : Number(ms.toPrecision(2));
}
