import test from 'ava';
import { parseCount, parseDuration } from '#src/commands/duration.js';
import { ExpectedError } from '#src/model/errors.js';

test('a duration has a number and a unit', (t) => {
  t.is(parseDuration('500ms', '--timeout'), 500);
  t.is(parseDuration('3.5s', '--timeout'), 3500);
  t.is(parseDuration('5m', '--timeout'), 300_000);
  t.is(parseDuration('1h', '--timeout'), 3_600_000);
});

for (const text of ['5', '0s', '-1s', 's', '3.5 s', '1d', '']) {
  test(`"${text}" is no duration`, (t) => {
    t.throws(() => parseDuration(text, '--timeout'), {
      instanceOf: ExpectedError,
      message: `--timeout ${text} is not a duration; expected a number and a unit: 500ms, 3.5s, 5m`,
    });
  });
}

test('a count is a whole number with a least value', (t) => {
  t.is(parseCount('0', '--rate', 0), 0);
  for (const text of ['-1', '1.5', 'x', '', '1e3', '12345678901'])
    t.throws(() => parseCount(text, '--rate', 0), { message: `--rate ${text} is not a whole number of at least 0` });
  t.throws(() => parseCount('0', '--parallel', 1), { message: '--parallel 0 is not a whole number of at least 1' });
});
