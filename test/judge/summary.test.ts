import test from 'ava';
import { countProbes, interruptedBy, noCounts, summarize as summarizeRun } from '#src/judge/summary.js';
import { exitCodes } from '#src/model/errors.js';
import type { Status } from '#src/model/report.js';
import { addressSeen, connected, flow, host, observations, plan, rst } from './build.js';

const a = host('a', '10.0.0.1');
const b = host('b', '10.0.0.2');
function rows(...statuses: Status[]) {
  const counts = noCounts();
  for (const status of statuses) counts[status]++;
  return counts;
}

const loggedIn = observations({ a: {} });
const summarize = (counts: ReturnType<typeof rows>, probes: number) => summarizeRun(counts, probes, loggedIn);

test('exit code 0: nothing failed and nothing is unknown', (t) => {
  t.like(summarize(rows('pass', 'warn', 'skipped', 'waived'), 7), { verdict: 'pass', exitCode: 0, probes: 7 });
});

test('exit code 1: a check failed, whatever else is unknown', (t) => {
  t.like(summarize(rows('pass', 'unknown', 'fail'), 0), { verdict: 'fail', exitCode: 1 });
});

test('exit code 3: nothing failed, but something is unknown', (t) => {
  t.like(summarize(rows('pass', 'unknown', 'waived'), 0), { verdict: 'unknown', exitCode: 3 });
});

test('exit code 4: no host could be logged in to and nothing was probed, whatever was waived or failed without a login', (t) => {
  const nobody = {
    vantages: new Map([...loggedIn.vantages].map(([name, it]) => [name, { ...it, status: 'failed' as const }])),
  };
  t.like(summarizeRun(rows('waived', 'unknown'), 0, nobody), { verdict: 'unknown', exitCode: 4 });
  t.like(summarizeRun(rows('waived', 'skipped'), 0, nobody), { verdict: 'unknown', exitCode: 4 });
  t.like(summarizeRun(rows('fail'), 0, nobody), { verdict: 'fail', exitCode: 4 });
  t.like(summarizeRun(rows('unknown'), 3, nobody), { exitCode: 3 }, 'something was probed');
  t.like(summarizeRun(rows('unknown'), 0, { vantages: new Map() }), { exitCode: 3 }, 'no host was to be logged in to');
});

test('every status is counted', (t) => {
  const { checks } = summarize(rows('pass', 'pass', 'fail', 'skipped'), 0);
  t.deepEqual(checks, { pass: 2, warn: 0, fail: 1, unknown: 0, skipped: 1, waived: 0 });
});

test('a signal decides the exit code and leaves the verdict', (t) => {
  const summary = summarize(rows('fail'), 0);
  t.like(interruptedBy(summary, exitCodes.interrupted), { verdict: 'fail', exitCode: 130 });
  t.like(interruptedBy(summary, exitCodes.terminated), { verdict: 'fail', exitCode: 143 });
});

test('a port that two targets of one address share is one probe; controls and untried ports are none', (t) => {
  const planned = plan(
    [flow({ ports: '1-10', pairs: [[a, b]] }), flow({ id: 'named', ports: '5-12', pairs: [[a, b, 'db']] })],
    [{ from: 'a', target: '10.0.0.2', port: 22 }],
  );
  const untried = { kind: 'untried', cause: 'out-of-sockets', detail: '' } as const;
  const greeted = { kind: 'dialogue', service: 'mysql', outcome: 'open', detail: '' } as const;
  const seen = observations({
    a: {
      '10.0.0.2': { '1-8': rst, '9': greeted, '10': untried, '22': connected },
      db: [addressSeen('10.0.0.2', { '5-12': rst })],
    },
  });
  t.is(countProbes(planned, seen), 12);
});
