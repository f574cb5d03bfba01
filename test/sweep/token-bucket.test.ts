import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { TokenBucket } from '#src/sweep/token-bucket.js';

const quiet = new AbortController().signal;

async function take(bucket: TokenBucket, count: number, signal: AbortSignal = quiet): Promise<number> {
  const began = performance.now();
  await Promise.all(Array.from({ length: count }, () => bucket.take(signal)));
  return performance.now() - began;
}

test.serial('no more than the rate is let through, after a small credit', async (t) => {
  // 100 a second: the first at once, fifty milliseconds' worth on credit.
  const took = await take(new TokenBucket(100), 31);
  t.true(took >= 240 && took < 1000, `${took} ms`);
});

test.serial('what was not taken for long is not saved up', async (t) => {
  const bucket = new TokenBucket(100);
  await take(bucket, 1);
  await delay(500);
  const took = await take(bucket, 21);
  t.true(took >= 140, `${took} ms`);
});

test.serial('a rate of 0 holds nobody up', async (t) => {
  const took = await take(new TokenBucket(0), 10_000);
  t.true(took < 500, `${took} ms`);
});

test.serial('a rate that is lifted on the way lets the rest through', async (t) => {
  const bucket = new TokenBucket(10);
  const taking = take(bucket, 50);
  await delay(150);
  bucket.setRate(0);
  const took = await taking;
  t.true(took < 1000, `${took} ms`);
});

test.serial('whoever waits is let go with the reason of an abort, and the next gets its turn', async (t) => {
  const bucket = new TokenBucket(10);
  await take(bucket, 2);
  const abort = new AbortController();
  const waiting = bucket.take(abort.signal);
  abort.abort(new Error('enough'));
  await t.throwsAsync(waiting, { message: 'enough' });
  await bucket.take(quiet);
  t.pass();
});
