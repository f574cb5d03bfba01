import test from 'ava';
import type { Report } from '#src/model/report.js';
import { jsonReporter } from '#src/report/json.js';
import { ndjsonReporter } from '#src/report/ndjson.js';
import { reporters } from '#src/report/registry.js';
import { reportSchema } from '#src/report/schema.js';
import { sampleReport } from './sample.js';

const style = { width: 80, color: false, verbosity: 1 } as const;
const empty: Report = { ...sampleReport, checks: [], findings: [], vantages: [] };

test('the registry names every reporter by its own name', (t) => {
  t.deepEqual([...reporters.keys()], ['table', 'json', 'ndjson']);
  for (const [name, reporter] of reporters) t.is(reporter.name, name);
});

test('json is the report, key by key in the format’s order', (t) => {
  for (const report of [sampleReport, empty]) {
    const text = [...jsonReporter.render(report, style)].join('');
    const read: unknown = JSON.parse(text);
    t.deepEqual(read, report);
    t.deepEqual(Object.keys(read as object), ['schema', 'run', 'checks', 'findings', 'vantages', 'summary']);
  }
});

test('a check’s keys come in the format’s order', (t) => {
  const order = Object.keys(reportSchema.shape.checks.element.shape);
  for (const check of sampleReport.checks) {
    const keys = Object.keys(check);
    t.deepEqual(
      keys,
      order.filter((key) => keys.includes(key)),
    );
  }
});

test('json streams: no chunk holds more than one check', (t) => {
  for (const chunk of jsonReporter.render(sampleReport, style)) t.true(chunk.split('"outcomes"').length <= 2);
});

test('ndjson carries the same objects, one a line, under a key that says what each is', (t) => {
  const lines = [...ndjsonReporter.render(sampleReport, style)].join('').trimEnd().split('\n');
  const objects = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  t.deepEqual(objects[0], { schema: 'portolan.report/1', run: sampleReport.run as unknown });
  t.deepEqual(
    objects.filter((object) => 'check' in object).map(({ check }) => check),
    [...sampleReport.checks] as unknown[],
  );
  t.deepEqual(objects.filter((object) => 'finding' in object).length, sampleReport.findings.length);
  t.deepEqual(objects.filter((object) => 'vantage' in object).length, sampleReport.vantages.length);
  t.deepEqual(objects.at(-1), { summary: sampleReport.summary as unknown });
});

test('the sample validates against the format, and a foreign key does not', (t) => {
  t.deepEqual(reportSchema.parse(JSON.parse(JSON.stringify(sampleReport))), sampleReport as never);
  t.false(reportSchema.safeParse({ ...sampleReport, extra: 1 }).success);
  t.false(reportSchema.safeParse({ ...sampleReport, schema: 'portolan.report/2' }).success);
});

test('a range of a thousand ports is kilobytes in no format', (t) => {
  const range = sampleReport.checks.filter(({ flow }) => flow === 'subconnections');
  t.is(range.length, 12);
  const text = [...jsonReporter.render({ ...empty, checks: range }, style)].join('');
  t.true(text.length < 12 * 1024, `${text.length} characters`);
});
