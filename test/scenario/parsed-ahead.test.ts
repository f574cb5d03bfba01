import { createHash } from 'node:crypto';
import test from 'ava';
import { readPackaged } from '#src/packaged.js';
import { bundledScenarioNames } from '#src/scenario/bundled.js';
import { parsedAhead } from '#src/scenario/parsed-ahead.js';
import { parseSource } from '#src/source/read.js';

for (const name of bundledScenarioNames()) {
  test(`${name}: what the build parsed is what the text says, positions included`, (t) => {
    const file = `scenarios/${name}.yaml`;
    const { sha256, root } = parseSource(file, readPackaged(file));
    t.deepEqual(parsedAhead(sha256), root);
  });
}

test('a text that was edited since is not known', (t) => {
  const edited = `${readPackaged('scenarios/exasol.yaml')}# edited\n`;
  t.is(parsedAhead(createHash('sha256').update(edited).digest('hex')), undefined);
});
