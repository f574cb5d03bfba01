import test from 'ava';
import { ruleKinds } from '#src/model/scenario.js';
import { readPackaged } from '#src/packaged.js';
import { loadScenario } from '#src/scenario/load.js';
import { lintFile } from '../lint/lint.js';

const page = readPackaged('docs/lint.md');
const [inventory = '', waivers = ''] = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map((match) => match[1]!);
const [sentences = ''] = [...page.matchAll(/^```text\n(.*?)^```$/gms)].map((match) => match[1]!);

test('the sentences are those of the inventory above them, of every kind', (t) => {
  const broken = lintFile(t, inventory).filter(({ status }) => status === 'fail' || status === 'warn');
  const said = broken.flatMap(({ id, outcomes }) => [id, ...outcomes.map(({ reason }) => `  ${reason}`)]);
  t.deepEqual(sentences.trimEnd().split('\n'), said);
  const stated = ['finedatalink-cluster', 'oceanbase-ocp'].flatMap((bundled) => loadScenario({ bundled }).rules);
  const kinds = broken.map(({ flow }) => stated.find(({ id }) => id === flow)?.rule ?? 'overlaps-SCENARIO');
  t.deepEqual(new Set(kinds), new Set([...ruleKinds, 'overlaps-SCENARIO']));
});

test('the page has a row for every kind', (t) => {
  const kinds = [...page.matchAll(/^\| `(\S+)`/gm)].map((match) => match[1]);
  t.deepEqual(kinds, [...ruleKinds, 'overlaps-SCENARIO']);
});

test('the waivers waive what they name', (t) => {
  const waived = lintFile(t, `${inventory}${waivers}`).filter(({ status }) => status === 'waived');
  t.deepEqual(
    waived.map(({ id }) => id),
    ['finedatalink-cluster/privileged-ports', 'finedatalink-cluster/overlaps-oceanbase-ocp'],
  );
});
