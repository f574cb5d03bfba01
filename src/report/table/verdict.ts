import type { ExitCode } from '../../model/errors.js';
import type { ReportRun, Status, StreamedReport } from '../../model/report.js';
import { type Canvas, paragraph } from './layout.js';
import { plural } from './sections.js';

const words: readonly (readonly [Status, string])[] = [
  ['fail', 'failed'],
  ['unknown', 'unknown'],
  ['warn', 'with a warning'],
  ['pass', 'passed'],
  ['waived', 'waived'],
  ['skipped', 'skipped'],
];

/** The counts, and the verdict with the exit code's meaning as the last line. */
export function* verdictLines(report: StreamedReport, verbose: boolean, canvas: Canvas): Iterable<string> {
  const { run, summary } = report;
  const counts = words.filter(([status]) => summary.checks[status] > 0);
  const parts = counts.map(([status, word]) => `${summary.checks[status].toLocaleString('en-US')} ${word}`);
  const probes = `${plural(summary.probes, 'probe')} in ${(run.durationMs / 1000).toFixed(1)} s`;
  const order =
    verbose && typeof run.options.seed === 'number' ? `ports in the order of --seed ${run.options.seed}` : '';
  yield* paragraph([parts.join(', '), probes, order].filter((part) => part !== '').join(' · '), 0, 0, 'plain', canvas);
  for (const sentence of partial(run)) yield* paragraph(sentence, 0, 0, 'warn', canvas);
  yield* paragraph(
    `${verdictText(report)} Exit code ${summary.exitCode}: ${meaning(report)}.`,
    0,
    0,
    summary.verdict,
    canvas,
  );
}

/** Why a run is less than the whole plan; an interruption is said with the verdict. */
function partial({ complete, filters, interrupted, options }: ReportRun): string[] {
  if (complete) return [];
  const left: string[] = [];
  const names = Object.keys(filters).filter((name) => (filters[name] ?? []).length > 0);
  if (names.length > 0) left.push(`${names.map((name) => `--${name}`).join(', ')} left checks out`);
  if (options.sample !== null && options.sample !== undefined)
    left.push(`--sample ${options.sample} left ports of ranges out`);
  if (left.length === 0 && !interrupted) left.push('filters or sampling left something out');
  return left.length === 0 ? [] : [`Not the whole plan: ${left.join(', and ')}.`];
}

const meanings: Readonly<Record<ExitCode, string>> = {
  0: 'all as documented',
  1: 'a check failed',
  2: 'nothing was probed',
  3: 'something could not be tested',
  4: 'no host could be logged in to, so nothing was tested',
  70: 'the program itself failed',
  130: 'interrupted',
  143: 'terminated',
};

function meaning({ run, summary }: StreamedReport): string {
  return summary.exitCode === 0 && !run.complete ? 'what was tried is as documented' : meanings[summary.exitCode];
}

function verdictText({ run, summary }: StreamedReport): string {
  const { fail, unknown } = summary.checks;
  const early = run.interrupted ? 'Interrupted before all was tried; what was seen until then: ' : '';
  switch (summary.verdict) {
    case 'fail':
      return `${early}FAIL: ${plural(fail, 'check')} failed${unknown > 0 ? ` and ${unknown.toLocaleString('en-US')} could not be tested` : ''}.`;
    case 'unknown':
      return `${early}UNKNOWN: nothing failed, but ${plural(unknown, 'check')} could not be tested.`;
    case 'pass':
      return `${early}PASS: nothing failed, nothing is unknown.`;
  }
}
