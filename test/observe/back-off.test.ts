import test from 'ava';
import { BackOff } from '#src/observe/back-off.js';

const timeoutMs = 3500;
const rate = 200;

/** One look a second at a sweep of which `silentPart(rate)` of the probes are lost; silence shows after the timeout. */
function sweep(backOff: BackOff, seconds: number, silentPart: (rate: number) => number): readonly number[] {
  const sent: { readonly answered: number; readonly silent: number }[] = [];
  const rates: number[] = [];
  for (let second = 0; second < seconds; second++) {
    const now = rate * backOff.factor;
    rates.push(now);
    sent.push({ answered: now * (1 - silentPart(now)), silent: now * silentPart(now) });
    const late = sent[second - 4];
    backOff.look({ answered: sent[second]!.answered, silent: late?.silent ?? 0, starved: 0 }, (second + 1) * 1000);
  }
  return rates;
}

/** Something that lets so many through a second. */
const limited = (most: number) => (offered: number) => Math.max(0, 1 - most / offered);

test('without silence nothing is slowed', (t) => {
  const backOff = new BackOff(timeoutMs);
  t.deepEqual(new Set(sweep(backOff, 60, () => 0)), new Set([rate]));
  t.is(backOff.reason, undefined);
});

test('a limit on the way is found, kept to, and reported', (t) => {
  const backOff = new BackOff(timeoutMs);
  const rates = sweep(backOff, 60, limited(60));
  const late = rates.slice(15);
  t.true(Math.max(...late) <= 100, `${rates}`);
  t.true(Math.min(...late) >= 25, `${rates}`);
  t.regex(backOff.reason!, /^at the full rate addresses that had answered fell silent/);
});

test('a limit that goes away is forgotten step by step', (t) => {
  const backOff = new BackOff(timeoutMs);
  sweep(backOff, 30, limited(100));
  const rates = sweep(backOff, 80, () => 0);
  t.is(rates.at(-1), rate);
  t.true(rates.some((each, i) => i > 0 && each > rates[i - 1]!));
});

test('a firewall’s rule, which drops as much at any rate, costs a few seconds at half the rate and no more', (t) => {
  for (const part of [0.1, 0.3, 0.5, 0.9, 0.99]) {
    const backOff = new BackOff(timeoutMs);
    const rates = sweep(backOff, 60, () => part);
    t.true(rates.filter((each) => each < rate).length <= 7, `${part}: ${rates}`);
    t.true(Math.min(...rates) >= rate / 2);
    t.is(rates.at(-1), rate);
    t.is(backOff.reason, undefined);
  }
});

test('it never falls below a sixteenth', (t) => {
  const backOff = new BackOff(timeoutMs);
  const rates = sweep(backOff, 120, limited(1));
  t.is(Math.min(...rates) >= rate / 16, true);
});

test('a node without sockets is slowed at once, and recovers', (t) => {
  const backOff = new BackOff(timeoutMs);
  backOff.look({ answered: 100, silent: 0, starved: 20 }, 1000);
  t.is(backOff.factor, 0.5);
  t.is(backOff.reason, 'the node ran out of sockets');
  t.is(sweep(backOff, 60, () => 0).at(-1), rate);
});

/** One look a second at the re-probes of so many silent ports. */
function again(backOff: BackOff, silent: number, answered: (rate: number) => number): readonly number[] {
  const rates: number[] = [];
  backOff.beginAgain(100_000);
  for (let now = 101_000, left = silent; left > 0; now += 1000) {
    const sent = Math.min(left, rate * backOff.factor);
    rates.push(rate * backOff.factor);
    left -= sent;
    backOff.lookAgain(Math.round(answered(sent)), sent, now);
  }
  return rates;
}

test('what was lost is tried again at the rate that helped', (t) => {
  const backOff = new BackOff(timeoutMs);
  sweep(backOff, 20, limited(60));
  const rates = again(backOff, 500, (sent) => Math.min(sent, 60));
  t.true(Math.max(...rates) <= 60, `${rates}`);
});

test('where nobody knew before the first pass was over, the re-probes find the rate', (t) => {
  const backOff = new BackOff(timeoutMs);
  const rates = again(backOff, 1000, (sent) => Math.min(sent, 40));
  t.true(Math.max(...rates.slice(4)) <= 50, `${rates}`);
  t.not(backOff.reason, undefined);
});

test('re-probes that bring nothing are no longer slowed', (t) => {
  const backOff = new BackOff(timeoutMs);
  sweep(backOff, 6, () => 0.5);
  t.is(backOff.factor, 0.5);
  const rates = again(backOff, 2000, () => 0);
  t.deepEqual(rates.slice(0, 6), [50, 50, 100, 100, 200, 200]);
  t.is(backOff.reason, undefined);
});

test('a few lost packets among many dropped ports slow nothing down', (t) => {
  const backOff = new BackOff(timeoutMs);
  t.deepEqual(new Set(again(backOff, 2000, () => 2)), new Set([rate]));
  t.is(backOff.reason, undefined);
});

test('re-probes of which always the same part answers are slowed once', (t) => {
  const backOff = new BackOff(timeoutMs);
  const rates = again(backOff, 4000, (sent) => sent / 4);
  t.true(Math.min(...rates) >= rate / 2, `${rates}`);
});
