import { readFileSync } from 'node:fs';
import test from 'ava';
import { ruleKinds } from '#src/model/scenario.js';
import { packagedPath } from '#src/packaged.js';
import { bundledScenarioNames } from '#src/scenario/bundled.js';
import { loadScenario, scenarioFrom } from '#src/scenario/load.js';
import { Problems } from '#src/source/problems.js';
import { parseSource } from '#src/source/read.js';
import { placeOf } from '../scenarios/coverage.js';

const page = readFileSync(packagedPath('docs/scenarios.md'), 'utf8');
const examples = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map((match) => match[1]!);

test('the worked example is a valid scenario with citations of the documented shape', (t) => {
  t.is(examples.length, 1);
  const problems = new Problems();
  const scenario = scenarioFrom(parseSource('flows/shop.yaml', examples[0]!), problems);
  problems.throwIfAny();
  const { flows, occupancy, rules } = scenario!;
  t.deepEqual([flows.length, occupancy.length, rules.length], [6, 1, 1]);
  for (const cite of [...flows, ...occupancy, ...rules].flatMap((item) => item.cite)) t.truthy(placeOf(cite), cite);
});

test('the page names every bundled scenario and every kind of rule', (t) => {
  for (const name of [...bundledScenarioNames(), ...ruleKinds]) t.true(page.includes(`\`${name}\``), name);
});

test('the facts that the readings speak of are declared', (t) => {
  const declared = bundledScenarioNames().flatMap((bundled) => [...loadScenario({ bundled }).facts.keys()]);
  for (const fact of ['exa-to-exa', 'onboarded', 'backup-exposed', 'obproxy-private', 'kafka', 'redis', 'database']) {
    t.true(page.includes(`\`${fact}\``) && declared.includes(fact), fact);
  }
});
