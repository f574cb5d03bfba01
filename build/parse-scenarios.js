// Parses the bundled scenarios once, when the package is built: see src/scenario/parsed-ahead.ts.
import { writeFileSync } from 'node:fs';
import { packagedPath, readPackaged } from '../dist/packaged.js';
import { bundledScenarioNames } from '../dist/scenario/bundled.js';
import { parseSource } from '../dist/source/read.js';
import { toTreeJson } from '../dist/source/tree-json.js';

const trees = bundledScenarioNames().map((name) => {
  const file = `scenarios/${name}.yaml`;
  const { sha256, root } = parseSource(file, readPackaged(file));
  return [sha256, toTreeJson(root)];
});
writeFileSync(packagedPath('dist/scenarios.json'), JSON.stringify(Object.fromEntries(trees)));
