import type { Reporter, StreamedReport } from '../model/report.js';
import { findingText } from './finding-text.js';

/**
 * The same objects, one a line. Each line is an object whose key says what it holds: the first `{"schema":…,"run":…}`,
 * then `{"check":…}`, `{"finding":…}`, `{"vantage":…}`, and last `{"summary":…}`.
 */
export const ndjsonReporter: Reporter = {
  name: 'ndjson',
  description: 'the same objects as json, one a line',
  *render(report: StreamedReport): Iterable<string> {
    yield line({ schema: report.schema, run: report.run });
    for (const check of report.checks) yield line({ check });
    for (const finding of report.findings) {
      yield '{"finding":';
      yield* findingText(finding);
      yield '}\n';
    }
    for (const vantage of report.vantages) yield line({ vantage });
    yield line({ summary: report.summary });
  },
};

function line(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
