import type { OutcomeStatus, ReportCheck } from '../../model/report.js';
import { type Canvas, type Cell, cell, layoutRows, paragraph, twoEdges } from './layout.js';
import { namePairs } from './names.js';
import { outcomeText, shortPorts } from './outcome-text.js';
import type { Tone } from './paint.js';

const tones: Readonly<Record<OutcomeStatus, Tone>> = { fail: 'fail', unknown: 'unknown', warn: 'warn', pass: 'dim' };

/** The checks of one flow: what was seen, pair by pair, identical pairs in one row. */
export function flowBlock(checks: readonly ReportCheck[], verbose: boolean, canvas: Canvas): string[] {
  const first = checks[0]!;
  const lines = twoEdges(
    cell(`${first.scenario}/${first.flow}`, 'strong'),
    cell(`expects ${first.expect}${first.severity === 'advisory' ? ', advisory' : ''}`, 'dim'),
    2,
    canvas,
  );
  lines.push(...paragraph(first.title, 2, 0, 'dim', canvas));
  const alike = groupAlike(checks);
  const rows = alike.flatMap((group) => rowsOf(group, verbose));
  lines.push(...layoutRows(rows, 4, canvas));
  for (const note of notesOf(checks)) lines.push(...paragraph(`· ${note}`, 4, 2, 'dim', canvas));
  return lines;
}

function rowsOf(group: readonly ReportCheck[], verbose: boolean): Cell[][] {
  const check = group[0]!;
  const pairs = group.map(({ from, fromRole, to, toRole }) => ({
    from: from ?? fromRole ?? '',
    to: to ?? toRole ?? '',
  }));
  const who = cell(namePairs(pairs));
  const finding = cell(check.finding ?? '', 'dim');
  if (check.outcomes.length === 0) return [[who, cell(shortPorts(check.ports, verbose)), cell(''), finding]];
  const worstFirst = [...check.outcomes].sort((a, b) => Number(a.status === 'pass') - Number(b.status === 'pass'));
  return worstFirst.map((outcome, index) => [
    index === 0 ? who : cell(''),
    cell(shortPorts(outcome.ports, verbose), outcome.status === 'pass' ? 'dim' : 'plain'),
    cell(outcomeText(check, outcome) + (outcome.status === 'pass' ? ': pass' : ''), tones[outcome.status]),
    index === 0 ? finding : cell(''),
  ]);
}

/** Checks that read the same but for their hosts. */
function groupAlike(checks: readonly ReportCheck[]): ReportCheck[][] {
  const groups = new Map<string, ReportCheck[]>();
  for (const check of checks) {
    const seen = check.outcomes.map((outcome) => [outcome.status, outcome.ports, outcomeText(check, outcome)]);
    const key = JSON.stringify([check.finding, check.ports, seen]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [check]);
    else group.push(check);
  }
  return [...groups.values()];
}

/** Each note once, and how many checks it is of where it is not of all. */
export function notesOf(checks: readonly ReportCheck[]): string[] {
  const counts = new Map<string, number>();
  for (const { notes } of checks) for (const note of notes) counts.set(note, (counts.get(note) ?? 0) + 1);
  return [...counts].map(([note, count]) =>
    count === checks.length ? note : `${note} (${count} of ${checks.length})`,
  );
}
