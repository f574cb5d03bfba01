import test from 'ava';
import fc from 'fast-check';
import { countLostSyns, latencyMs, mergeHistograms } from '#src/judge/latency.js';
import type { LatencyHistogram } from '#src/model/observation.js';

function histogram(times: readonly number[]): LatencyHistogram {
  const buckets = new Map<number, number>();
  for (const time of times) {
    const bucket = Math.floor(16 * Math.log2(time));
    buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
  }
  return { buckets, minUs: Math.min(...times), maxUs: Math.max(...times) };
}

const times = fc.array(fc.integer({ min: 1, max: 4_000_000 }), { minLength: 1, maxLength: 50 });

test('merging histograms is counting all their times in one', (t) => {
  fc.assert(
    fc.property(fc.array(times, { minLength: 1, maxLength: 5 }), (lists) => {
      const merged = mergeHistograms(lists.map(histogram))!;
      const whole = histogram(lists.flat());
      const sorted = ({ buckets }: LatencyHistogram) => [...buckets].sort(([a], [b]) => a - b);
      t.deepEqual(sorted(merged), sorted(whole));
      t.deepEqual([merged.minUs, merged.maxUs], [whole.minUs, whole.maxUs]);
    }),
  );
});

test('the median is within a bucket and the rounding of the true one', (t) => {
  fc.assert(
    fc.property(times, (list) => {
      const sorted = [...list].sort((a, b) => a - b);
      const trueMs = sorted[Math.ceil(sorted.length / 2) - 1]! / 1000;
      const { max, median, min } = latencyMs(histogram(list));
      t.true(Math.abs(median - trueMs) <= 0.11 * trueMs + 0.0005, `${median} instead of ${trueMs}`);
      t.true(min <= median && median <= max);
    }),
  );
});

test('nothing merged is nothing', (t) => {
  t.is(mergeHistograms([]), undefined);
  t.is(mergeHistograms([{ buckets: new Map(), minUs: 0, maxUs: 0 }]), undefined);
});

test('connects of 1, 2 and 3 s have lost a SYN, slow ones have not', (t) => {
  t.is(countLostSyns(histogram([1_003_000, 2_040_000, 3_080_000])), 3);
  t.is(countLostSyns(histogram([200, 80_000, 600_000, 850_000])), 0);
});
