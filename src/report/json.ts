import type { Reporter, StreamedReport } from '../model/report.js';
import { findingText } from './finding-text.js';

/** The report as one JSON document; checks, findings and vantages are one a line, so that it streams and diffs well. */
export const jsonReporter: Reporter = {
  name: 'json',
  description: 'the whole report as one JSON document',
  *render(report: StreamedReport): Iterable<string> {
    yield `{ "schema": ${JSON.stringify(report.schema)},\n  "run": ${JSON.stringify(report.run)},\n`;
    yield* list('checks', report.checks, textOf);
    yield* list('findings', report.findings, findingText);
    yield* list('vantages', report.vantages, textOf);
    yield `  "summary": ${JSON.stringify(report.summary)} }\n`;
  },
};

function* textOf(item: unknown): Iterable<string> {
  yield JSON.stringify(item);
}

function* list<T>(key: string, items: Iterable<T>, text: (item: T) => Iterable<string>): Iterable<string> {
  yield `  "${key}": [`;
  let isEmpty = true;
  for (const item of items) {
    yield isEmpty ? '\n    ' : ',\n    ';
    isEmpty = false;
    yield* text(item);
  }
  yield isEmpty ? '],\n' : '\n  ],\n';
}
