import type { Reporter, ReporterStyle, StreamedReport } from '../../model/report.js';
import { Fold } from './fold.js';
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
  *render(report: StreamedReport, style: ReporterStyle): Iterable<string> {
    const canvas: Canvas = { width: style.width, paint: painter(style.color) };
    for (const line of lines(report, style.verbosity, canvas)) yield `${line}\n`;
  },
};

function* lines(report: StreamedReport, verbosity: ReporterStyle['verbosity'], canvas: Canvas): Iterable<string> {
  const verbose = verbosity === 2;
  const fold = new Fold(report, verbose);
  yield* statusSection('FAILED', 'fail', 'fail', fold, verbose, canvas);
  if (verbosity > 0) {
    yield* statusSection('UNKNOWN', 'unknown', 'unknown', fold, verbose, canvas);
    yield* statusSection('WARNINGS', 'warn', 'warn', fold, verbose, canvas);
    yield* hostsSection(report, fold, verbose, canvas);
    yield* findingsSection(report, verbose, canvas);
    yield* statusSection('WAIVED', 'waived', 'dim', fold, verbose, canvas);
    yield* passedSection(report, fold, verbose, canvas);
    yield* skippedSection(fold, verbose, canvas);
    if (verbose) yield* vantagesSection(report, canvas);
    yield* notesSection(report, fold, verbose, canvas);
  }
  yield* verdictLines(report, verbose, canvas);
}
