import test from 'ava';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { readPackaged } from '#src/packaged.js';
import { bundledScenarioNames } from '#src/scenario/bundled.js';
import { parsePlainYaml } from '#src/source/plain-yaml.js';
import { SyntaxProblem } from '#src/source/syntax.js';
import { parseWithLibrary } from '#src/source/yaml.js';

/** What the library makes of it; its refusal stands for itself. */
function byLibrary(text: string): unknown {
  try {
    return parseWithLibrary(text);
  } catch (error) {
    if (error instanceof SyntaxProblem) return error.message;
    throw error;
  }
}

for (const name of bundledScenarioNames()) {
  test(`reads the bundled scenario ${name} as the library does, positions included`, (t) => {
    const text = readPackaged(`scenarios/${name}.yaml`);
    t.deepEqual(parsePlainYaml(text), parseWithLibrary(text));
  });
}

const plain: readonly string[] = [
  'a: 1\n',
  'a: 1',
  '# c\n\na: b # c\n# c\n',
  'a:\n- b\n- c\nd: e\n',
  'a:\n  - b\n  - c: d\n    e: f\n  - [g, { h: i }]\n',
  '- a\n- b: c\n',
  'a: {}\nb: []\nc: { d: e, }\n',
  'a: [\n  b,\n  c\n  ]\n',
  'a:\n  [\n    b,\n  ]\nc:\n  { d: e }\n',
  'a: >-\n  b\n  c\nd: |\n  e # f\n  g\n',
  'a: "b: c # d"\nb: \'[x]\'\n',
  'a: 10.0.0.1\nb: 8.30\nc: 20000-21000\nd: 2027-05-31\ne: 8.32.0\nf: -4\ng: true\n',
  'n[1:3]: { address: "10.0.0.[1:3]" }\n',
];
for (const text of plain) {
  test(`reads ${JSON.stringify(text)} as the library does`, (t) =>
    t.deepEqual(parsePlainYaml(text), parseWithLibrary(text)));
}

const other: readonly string[] = [
  '',
  'a\n',
  'a: &x b\n',
  'a: *x\n',
  'a: !t b\n',
  'a: b\n  c\n',
  'a: b: c\n',
  'a: "b\\n"\n',
  'a: "b\n  c"\n',
  "a: 'it''s'\n",
  'a: 1\na: 2\n',
  'a:\n',
  'a:\tb\n',
  'true: a\n',
  '1: a\n',
  'a: null\n',
  'a: 012\n',
  'a: 1e3\n',
  'a: .5\n',
  'a: -0\n',
  '---\na: b\n',
  'a: b\n c: d\n',
  'a: [b: c]\n',
  'a: [b\nc]\n',
  'a: >\n  b\n\n  c\n',
  'a: >+\n  b\n',
  'a: >-\n  b\n  ',
  '? a\n: b\n',
  'a: @b\n',
  '<<: { a: b }\n',
];
for (const text of other) {
  test(`leaves ${JSON.stringify(text)} to the library`, (t) => t.is(parsePlainYaml(text), undefined));
}

function agrees(t: { deepEqual: (a: unknown, b: unknown, message?: string) => boolean }, text: string): boolean {
  const answer = parsePlainYaml(text);
  if (answer !== undefined) t.deepEqual(answer, byLibrary(text), text);
  return answer !== undefined;
}

test('whatever is done to a scenario, it answers as the library or not at all', (t) => {
  const lines = readPackaged('scenarios/exasol.yaml').split('\n');
  const piece = fc.constantFrom(
    '',
    ' ',
    '  ',
    '\n',
    ':',
    ': ',
    '- ',
    '-',
    '#',
    ' #',
    '"',
    "'",
    '[',
    ']',
    '{',
    '}',
    ',',
    ', ',
    '\n\n',
    '1',
    '.',
    '~',
    '|',
    '>-\n',
    '&a ',
    '*',
    'é',
  );
  let answered = 0;
  fc.assert(
    fc.property(
      fc.nat(lines.length - 1),
      fc.integer({ min: 1, max: 14 }),
      fc.array(fc.record({ at: fc.nat(600), remove: fc.nat(3), insert: piece }), { minLength: 1, maxLength: 3 }),
      (from, count, edits) => {
        let text = lines.slice(from, from + count).join('\n');
        for (const { at, remove, insert } of edits) {
          const place = at % (text.length + 1);
          text = text.slice(0, place) + insert + text.slice(place + remove);
        }
        if (agrees(t, text)) answered += 1;
      },
    ),
    { numRuns: 3000 },
  );
  t.log(`answered ${answered} of 3000`);
  t.true(answered > 100);
});

test('of texts made of YAML’s own characters, it reads what the library reads', (t) => {
  const token = fc.constantFrom(
    'a',
    'b',
    'c: ',
    'k:',
    ': ',
    '- ',
    '  ',
    '\n',
    '\n  ',
    '\n- ',
    '[',
    ']',
    '{',
    '}',
    ', ',
    '"x"',
    "'y'",
    ' # z',
    '1',
    '8.30',
    '-1',
    '>-\n',
    '|\n',
    '?',
    '&',
    '*',
  );
  let answered = 0;
  fc.assert(
    fc.property(fc.array(token, { maxLength: 14 }), (parts) => {
      if (agrees(t, parts.join(''))) answered += 1;
    }),
    { numRuns: 5000 },
  );
  t.log(`answered ${answered} of 5000`);
  t.true(answered > 20);
});

test('reads what the library writes as the library does', (t) => {
  const word = fc.stringMatching(/^[a-zA-Z0-9 .:#'-]{0,12}$/);
  const value = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      word,
      fc.integer(),
      fc.boolean(),
      fc.array(tie('node'), { maxLength: 4 }),
      fc.dictionary(fc.stringMatching(/^[a-z][a-z-]{0,6}$/), tie('node'), { maxKeys: 4, noNullPrototype: true }),
    ),
  })).node;
  let answered = 0;
  fc.assert(
    fc.property(value, fc.constantFrom('block', 'flow'), fc.boolean(), (wanted, collectionStyle, indentSeq) => {
      const style = collectionStyle === 'flow' ? 'flow' : 'block';
      if (
        agrees(t, stringify(wanted, { collectionStyle: style, indentSeq, lineWidth: 40, aliasDuplicateObjects: false }))
      )
        answered += 1;
    }),
    { numRuns: 1000 },
  );
  t.log(`answered ${answered} of 1000`);
  t.true(answered > 20);
});
