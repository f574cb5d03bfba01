import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { listScenarios, showScenario, validateScenarios } from '#src/commands/scenarios.js';
import { ExpectedError } from '#src/model/errors.js';
import { packagedPath } from '#src/packaged.js';

test('list names every bundled scenario', (t) => {
  const names = listScenarios(80)
    .split('\n')
    .map((line) => line.split(' ')[0])
    .filter((name) => name !== '');
  t.deepEqual(names, ['SCENARIO', 'exasol', 'finedatalink-cluster', 'finedatalink-single', 'oceanbase-ocp']);
});

test('show takes a bundled name and a file alike', (t) => {
  t.is(showScenario(packagedPath('scenarios/exasol.yaml'), 80), showScenario('exasol', 80));
});

test('an unknown name is refused with the nearest', (t) => {
  t.throws(() => showScenario('exasl', 80), {
    instanceOf: ExpectedError,
    message: 'unknown scenario "exasl"; did you mean "exasol"?',
  });
  t.throws(() => showScenario('postgres', 80), {
    instanceOf: ExpectedError,
    message:
      'unknown scenario "postgres"; expected "exasol", "finedatalink-cluster", "finedatalink-single" or "oceanbase-ocp"',
  });
});

test('validate says what a good file holds', (t) => {
  const [exasol, ocp] = ['exasol', 'oceanbase-ocp'].map((name) => packagedPath(`scenarios/${name}.yaml`));
  t.is(
    validateScenarios([exasol!, ocp!]),
    `${exasol}: valid, scenario exasol with 23 flows\n` +
      `${ocp}: valid, scenario oceanbase-ocp with 30 flows, 5 occupancy items, 2 rules\n`,
  );
});

test('validate reports the problems of all files at once, good ones beside them or not', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const [bad, torn] = ['bad.yaml', 'torn.json'].map((name) => join(folder, name));
  const head =
    'scenario: x\ntitle: X\ndocument: { title: D }\nroles: { a: {} }\nports: { p: { default: 1 } }\nflows:\n';
  writeFileSync(bad!, `${head}  - { id: f, from: b, to: a, port: q, expect: open, cite: c }\n`);
  writeFileSync(torn!, '{');
  const error = t.throws(() => validateScenarios([bad!, packagedPath('scenarios/exasol.yaml'), torn!]), {
    instanceOf: ExpectedError,
  });
  const [first, second, third] = error.message.split('\n');
  t.is(first, `unknown role "b" at ${bad}:7; did you mean "a"?`);
  t.is(second, `unknown port "q" at ${bad}:7; did you mean "p"?`);
  t.true(third!.startsWith(`${torn}:1:`));
});
