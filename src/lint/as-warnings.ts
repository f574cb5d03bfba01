import type { ReportCheck } from '../model/report.js';

/** The rules that are not kept, none of them a failure: as `plan` and `check`, whose business they are not, show them. */
export function asWarnings(rows: readonly ReportCheck[]): readonly ReportCheck[] {
  return rows
    .filter(({ outcomes }) => outcomes.some(({ outcome }) => outcome === 'violated'))
    .map((row) => (row.status === 'fail' ? { ...row, status: 'warn' } : row));
}
