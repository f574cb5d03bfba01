import type { Report, Reporter, ReporterStyle } from '../../model/report.js';
import type { Canvas } from './layout.js';
import { painter } from './paint.js';
import {
  findingsSection,
  hostsSection,
  notesSection,
  passedSection,
  skippedSection,
  statusSection,
  vantagesSection,
} from './sections.js';
import { verdictLines } from './verdict.js';

/** For the person at the terminal: what failed first, and the verdict as the last line. */
export const tableReporter: Reporter = {
  name: 'table',
  description: 'for the terminal: what failed, why, and the verdict',
  *render(report: Report, style: ReporterStyle): Iterable<string> {
    const canvas: Canvas = { width: style.width, paint: painter(style.color) };
    for (const line of lines(report, style.verbosity, canvas)) yield `${line}\n`;
  },
};

function* lines(report: Report, verbosity: ReporterStyle['verbosity'], canvas: Canvas): Iterable<string> {
  const verbose = verbosity === 2;
  yield* statusSection('FAILED', 'fail', 'fail', report, verbose, canvas);
  if (verbosity > 0) {
    yield* statusSection('UNKNOWN', 'unknown', 'unknown', report, verbose, canvas);
    yield* statusSection('WARNINGS', 'warn', 'warn', report, verbose, canvas);
    yield* hostsSection(report, canvas);
    yield* findingsSection(report, verbose, canvas);
    yield* statusSection('WAIVED', 'waived', 'dim', report, verbose, canvas);
    yield* passedSection(report, verbose, canvas);
    yield* skippedSection(report, verbose, canvas);
    if (verbose) yield* vantagesSection(report, canvas);
    yield* notesSection(report, canvas);
  }
  yield* verdictLines(report, verbose, canvas);
}
