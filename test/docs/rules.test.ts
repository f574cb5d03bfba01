import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import test from 'ava';
import { packagedPath } from '#src/packaged.js';
import { ruleFormats } from '#src/rules/formats/registry.js';

const page = readFileSync(packagedPath('docs/rules.md'), 'utf8');

test('every format is described, and nobody else is', (t) => {
  const table = page.slice(page.indexOf('| `--format`'));
  t.deepEqual(
    [...table.matchAll(/^\| `([a-z]+)` /gm)].map((match) => match[1]),
    [...ruleFormats.keys()],
  );
});

test('the example is what is printed', async (t) => {
  const [, example] = /^```\n(1 {2}from[\s\S]*?)^```/m.exec(page)!;
  const args = ['rules', '-i', packagedPath('inventory.example.json'), '--flow', 'exasol/subconnections'];
  const { stdout } = await promisify(execFile)(process.execPath, [packagedPath('dist/cli.js'), ...args]);
  t.true(stdout.includes(`\n\n${example}`), stdout);
});
