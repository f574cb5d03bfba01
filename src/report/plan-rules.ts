import type { ReportCheck } from '../model/report.js';

/** A line of the plan: how deep it stands, and what it says. */
interface RuleLine {
  readonly indent: string;
  readonly text: string;
}

/** What `portolan plan` says of the rules that are not kept: each with what breaks it, and where the document says so. */
export function* ruleLines(rules: readonly ReportCheck[]): Generator<RuleLine> {
  if (rules.length === 0) return;
  yield { indent: '', text: 'Rules that are not kept:' };
  for (const { id, title, status, outcomes, notes, cite } of rules) {
    yield { indent: '  ', text: `${id}: ${title} (${status})` };
    for (const { reason } of outcomes) if (reason !== null) yield { indent: '    ', text: reason };
    for (const note of notes) yield { indent: '    ', text: `note: ${note}` };
    if (cite.length > 0) yield { indent: '    ', text: `see ${cite.join('; ')}` };
  }
}
