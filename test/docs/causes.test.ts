import { readFileSync } from 'node:fs';
import test from 'ava';
import { causes } from '#src/diagnose/causes.js';
import { packagedPath } from '#src/packaged.js';

const page = readFileSync(packagedPath('docs/causes.md'), 'utf8');

test('every cause is described with its owner, and nothing else is', (t) => {
  const rows = [...page.matchAll(/^\| `([a-z0-9-]+)` +\| ([a-z]+) +\| \S/gm)].map(([, name, owner]) => [name, owner]);
  t.deepEqual(
    rows.sort(),
    Object.entries(causes)
      .map(([name, { owner }]) => [name, owner])
      .sort(),
  );
});
