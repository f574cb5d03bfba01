import test from 'ava';
import { Tally } from './tally.js';

function summary(output: string, succeeded: boolean): string {
  const tally = new Tally();
  for (const character of output) tally.add(character);
  return tally.summary(succeeded);
}

test('passes, failures and skips are counted from ava’s own lines, colours or not', (t) => {
  const output = [
    '  \u001B[32m✔\u001B[39m plan › a',
    '  ✔ plan › b (2s)',
    '  ✘ [fail]: plan › c',
    '    ℹ ✔ a log line',
    '  1 test failed',
    '  2 tests skipped',
    '',
  ].join('\n');
  t.is(summary(output, false), '2 passed, 1 failed, 2 skipped');
});

test('without skips none are mentioned, and a crash without a failed test counts as a failure', (t) => {
  t.is(summary('  ✔ a\n', true), '1 passed, 0 failed');
  t.is(summary('  ✔ a\n', false), '1 passed, 1 failed');
  t.is(summary('', false), '0 passed, 1 failed');
});
