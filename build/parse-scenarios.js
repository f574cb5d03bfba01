// Parses and checks the bundled scenarios once, when the package is built: see src/scenario/parsed-ahead.ts.
import { writeFileSync } from 'node:fs';
import { packagedPath, readPackaged } from '../dist/packaged.js';
import { bundledScenarioNames } from '../dist/scenario/bundled.js';
import { scenarioFrom } from '../dist/scenario/load.js';
import { Problems } from '../dist/source/problems.js';
import { parseSource } from '../dist/source/read.js';
import { toTreeJson } from '../dist/source/tree-json.js';

const trees = bundledScenarioNames().map((name) => {
  const file = `scenarios/${name}.yaml`;
  const document = parseSource(file, readPackaged(file));
  const problems = new Problems();
  scenarioFrom(document, problems);
  problems.throwIfAny();
  const { sha256, root } = document;
  return [sha256, toTreeJson(root)];
});
writeFileSync(packagedPath('dist/scenarios.json'), JSON.stringify(Object.fromEntries(trees)));
