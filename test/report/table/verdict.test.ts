import test from 'ava';
import type { Report, ReportRun } from '#src/model/report.js';
import { verdictLines } from '#src/report/table/verdict.js';
import { sampleReport } from '../sample.js';

function verdict(run: Partial<ReportRun>): string {
  const report: Report = { ...sampleReport, run: { ...sampleReport.run, ...run } };
  return [...verdictLines(report, false, { width: 200, paint: (text) => text })].join('\n');
}

test('a whole run says nothing of being partial', (t) => {
  t.notRegex(verdict({ complete: true }), /Not the whole plan|Interrupted/);
});

test('filters are named where they left something out', (t) => {
  const filters = { from: ['a'], to: [], flow: ['client'] };
  t.regex(verdict({ complete: false, filters }), /^Not the whole plan: --from, --flow left checks out\.$/m);
});

test('a sample is named where it left something out', (t) => {
  const options = { rate: 200, sample: 20 };
  t.regex(verdict({ complete: false, options }), /^Not the whole plan: --sample 20 left ports of ranges out\.$/m);
});

test('an interrupted run does not blame filters that were not given', (t) => {
  const text = verdict({ complete: false, interrupted: true });
  t.regex(text, /^Interrupted before all was tried; what was seen until then: FAIL/m);
  t.notRegex(text, /Not the whole plan/);
});
