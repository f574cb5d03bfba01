import test from 'ava';
import { type Cell, judgingTable } from '#src/judge/table.js';
import { type Outcome, outcomes } from '#src/model/report.js';
import { expectations } from '#src/model/scenario.js';
import { readPackaged } from '#src/packaged.js';

// design.md's table, written down once more: the code has to say the same, cell by cell.
const written: Record<Outcome, readonly [open: Cell, reachable: Cell, closed: Cell, filtered: Cell]> = {
  open: ['pass', 'pass', 'fail', 'fail'],
  mismatch: ['fail', 'pass', 'fail', 'fail'],
  reset: ['fail', 'pass', 'fail', 'fail'],
  refused: ['fail', 'pass, inferred', 'pass', 'fail'],
  rejected: ['fail', 'fail', 'pass', 'pass'],
  timeout: ['fail', 'fail', 'pass*', 'pass*'],
  unreachable: ['fail', 'fail', 'unknown', 'unknown'],
  'name-failure': ['fail', 'fail', 'unknown', 'unknown'],
  unprobed: ['unknown', 'unknown', 'unknown', 'unknown'],
};

for (const outcome of outcomes)
  for (const [column, expect] of expectations.entries())
    test(`${outcome} where ${expect} is expected: ${written[outcome][column]}`, (t) => {
      t.is(judgingTable(outcome)[expect], written[outcome][column]!);
    });

test('the table in docs/outcomes.md is the one of the code', (t) => {
  const lines = readPackaged('docs/outcomes.md').split('\n');
  const head = lines.findIndex((line) => /^\| outcome +\|.*`open`.*`reachable`.*`closed`.*`filtered`/.test(line));
  t.not(head, -1, 'docs/outcomes.md has no judging table');
  const rows = lines.slice(head + 2, head + 2 + outcomes.length).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replace(/`/g, '').replace('\\*', '*')),
  );
  t.deepEqual(
    rows.map(([outcome, , ...cells]) => [outcome, ...cells]),
    outcomes.map((outcome) => [outcome, ...expectations.map((expect) => judgingTable(outcome)[expect])]),
  );
});
