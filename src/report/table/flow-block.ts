import { compactNames } from '../../model/compact-names.js';
import type { OutcomeStatus } from '../../model/report.js';
import type { FlowFold, FoldedRow } from './flow-fold.js';
import { type Canvas, type Cell, cell, layoutRows, paragraph, twoEdges } from './layout.js';
import { outcomeText, shortPorts } from './outcome-text.js';
import type { Tone } from './paint.js';

const tones: Readonly<Record<OutcomeStatus, Tone>> = { fail: 'fail', unknown: 'unknown', warn: 'warn', pass: 'dim' };

/** The checks of one flow: what was seen, pair by pair, identical pairs in one row. */
export function flowBlock(fold: FlowFold, verbose: boolean, canvas: Canvas): string[] {
  const { beyond, first, notes } = fold;
  const lines = twoEdges(
    cell(`${first.scenario}/${first.flow}`, 'strong'),
    cell(`expects ${first.expect}${first.severity === 'advisory' ? ', advisory' : ''}`, 'dim'),
    2,
    canvas,
  );
  lines.push(...paragraph(first.title, 2, 0, 'dim', canvas));
  const rows = [...fold.rows].flatMap((row) => rowsOf(row, verbose));
  lines.push(...layoutRows(rows, 4, canvas));
  if (beyond > 0) {
    const rest = `and ${beyond.toLocaleString('en-US')} more checks, each with something else; -v or --reporter json shows them`;
    lines.push(...paragraph(rest, 4, 2, 'dim', canvas));
  }
  for (const note of notes.lines()) lines.push(...paragraph(`· ${note}`, 4, 2, 'dim', canvas));
  return lines;
}

function rowsOf({ findings, first: check, pairs }: FoldedRow, verbose: boolean): Cell[][] {
  const who = cell(pairs.text(verbose));
  const findingOf = (index: number) => cell(findingText(findings[index]!), 'dim');
  if (check.outcomes.length === 0) return [[who, cell(shortPorts(check.ports, verbose)), cell(''), findingOf(0)]];
  const worstFirst = [...check.outcomes.entries()].sort(
    ([, a], [, b]) => Number(a.status === 'pass') - Number(b.status === 'pass'),
  );
  return worstFirst.map(([index, outcome], line) => [
    line === 0 ? who : cell(''),
    cell(shortPorts(outcome.ports, verbose), outcome.status === 'pass' ? 'dim' : 'plain'),
    cell(outcomeText(check, outcome) + (outcome.status === 'pass' ? ': pass' : ''), tones[outcome.status]),
    findingOf(index),
  ]);
}

/** `f1`; `f[1:40]`; of many, the first. */
function findingText(ids: ReadonlySet<string>): string {
  const parts = compactNames([...ids]);
  return parts.length <= 2 ? parts.join(', ') : `${parts[0]}…`;
}
