import type { Report, Reporter } from '../model/report.js';

/** The report as one JSON document; checks, findings and vantages are one a line, so that it streams and diffs well. */
export const jsonReporter: Reporter = {
  name: 'json',
  description: 'the whole report as one JSON document',
  *render(report: Report): Iterable<string> {
    yield `{ "schema": ${JSON.stringify(report.schema)},\n  "run": ${JSON.stringify(report.run)},\n`;
    yield* list('checks', report.checks);
    yield* list('findings', report.findings);
    yield* list('vantages', report.vantages);
    yield `  "summary": ${JSON.stringify(report.summary)} }\n`;
  },
};

function* list(key: string, items: readonly unknown[]): Iterable<string> {
  yield `  "${key}": [`;
  for (const [index, item] of items.entries()) yield `${index === 0 ? '' : ','}\n    ${JSON.stringify(item)}`;
  yield items.length === 0 ? '],\n' : '\n  ],\n';
}
