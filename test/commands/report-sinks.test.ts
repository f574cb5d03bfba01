import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { ReportSinks } from '#src/commands/report-sinks.js';
import { reporters } from '#src/report/registry.js';

test('a report never overwrites the inventory that it was made from', (t) => {
  const inventory = join(mkdtempSync(join(tmpdir(), 'portolan-sinks-')), 'inventory.json');
  writeFileSync(inventory, '{}');
  t.throws(() => ReportSinks.open([`json=${inventory}`], reporters, [inventory]), {
    message: `report ${inventory} would overwrite a file that this run reads; nothing was probed`,
  });
  t.is(readFileSync(inventory, 'utf8'), '{}');
});

test('two reports in one file are refused', (t) => {
  const file = join(mkdtempSync(join(tmpdir(), 'portolan-sinks-')), 'out');
  t.throws(() => ReportSinks.open([`json=${file}`, `table=${file}`], reporters), {
    message: `two reporters write to ${file}; give each a file of its own`,
  });
});
