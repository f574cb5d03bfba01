import { judgingTable } from '../judge/table.js';
import type { Outcome, ReportOutcome } from '../model/report.js';
import type { Expectation } from '../model/scenario.js';
import { type Canvas, cell, layoutRows, paragraph } from '../report/table/layout.js';
import { outcomeText } from '../report/table/outcome-text.js';
import { rows, type Story } from './story.js';

const tones = { pass: 'pass', warn: 'warn', fail: 'fail', unknown: 'unknown', skipped: 'dim', waived: 'dim' } as const;

/** The judge's own words: the cell of its table for every outcome, its notes, and what severity and waivers made of it. */
export function judgedLines({ finding, judged }: Story, canvas: Canvas): string[] {
  const { expect, notes, outcomes, proof, severity, status } = judged;
  return [
    canvas.paint('JUDGED', 'strong'),
    ...layoutRows(
      outcomes.flatMap((outcome) => [
        [cell(`port ${outcome.ports}`), cell(outcomeText(judged, outcome))],
        [cell(''), cell(ruleText(outcome, expect), tones[outcome.status])],
      ]),
      2,
      canvas,
    ),
    ...notes.flatMap((note) => paragraph(`· ${note}`, 2, 2, 'plain', canvas)),
    ...rows(
      [
        ['proof', proof ?? ''],
        ['severity', severity === 'advisory' ? 'advisory: what would fail is a warning' : ''],
        ['cause', finding?.summary ?? ''],
        ['evidence', finding?.evidence.join('; ') ?? ''],
        ['remedy', finding?.remedy ?? ''],
      ],
      canvas,
    ),
    ...paragraph(`${status.toUpperCase()}`, 2, 0, tones[status], canvas),
  ];
}

/** What the judging table says, and what the rules beyond it (controls, who listens, warnings) made of it. */
function ruleText({ outcome, status }: ReportOutcome, expect: Story['judged']['expect']): string {
  // What is explained is a path: the states of ports and rules are no outcomes of one.
  const rule = judgingTable(outcome as Outcome)[expect as Expectation];
  return `${outcome} where ${expect} is expected: ${rule}${rule.startsWith(status) && rule !== 'pass*' ? '' : `, here ${status}`}`;
}
