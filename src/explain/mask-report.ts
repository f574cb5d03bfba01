import type { ReportCheck, StreamedFinding } from '../model/report.js';
import { maskText } from './mask.js';

/** A verdict without the secrets that a service may have given back in its own words. */
export function maskJudged(judged: ReportCheck, secrets: readonly Buffer[]): ReportCheck {
  return {
    ...judged,
    notes: judged.notes.map((note) => maskText(note, secrets)),
    outcomes: judged.outcomes.map((outcome) => ({
      ...outcome,
      reason: outcome.reason === null ? null : maskText(outcome.reason, secrets),
    })),
  };
}

/** What is told of a finding. */
export type ToldFinding = Pick<StreamedFinding, 'summary' | 'evidence' | 'remedy'>;

/** A finding without them. */
export function maskFinding(finding: ToldFinding | undefined, secrets: readonly Buffer[]): ToldFinding | undefined {
  if (finding === undefined) return undefined;
  const { evidence, remedy, summary } = finding;
  return {
    summary: maskText(summary, secrets),
    evidence: evidence.map((sentence) => maskText(sentence, secrets)),
    remedy: maskText(remedy, secrets),
  };
}
