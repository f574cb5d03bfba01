import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { ExpectedError } from '#src/model/errors.js';
import { nodeAt } from '#src/source/node.js';
import { parseSource, readSource } from '#src/source/read.js';

function refusal(file: string, text: string): string {
  try {
    parseSource(file, text);
  } catch (error) {
    if (error instanceof ExpectedError) return error.message;
    throw error;
  }
  return 'accepted';
}

const refusals: readonly [what: string, file: string, text: string, sentence: string][] = [
  ['an empty JSON file', 'a.json', ' \n', 'a.json:2:1: not valid JSON: the file is empty'],
  [
    'a line comment',
    'a.json',
    '{\n  // hosts\n}',
    'a.json:2:3: not valid JSON: expected a key in double quotes, found a comment, which JSON does not have',
  ],
  [
    'a block comment',
    'a.json',
    '{ "a": /* x */ 1 }',
    'a.json:1:8: not valid JSON: expected a value, found a comment, which JSON does not have',
  ],
  [
    'a trailing comma in a mapping',
    'a.json',
    '{\n\t"a": 1,\n}',
    'a.json:3:1: not valid JSON: expected another key, found "}" after a comma',
  ],
  [
    'a trailing comma in a list',
    'a.json',
    '[1,]',
    'a.json:1:4: not valid JSON: expected another value, found "]" after a comma',
  ],
  [
    'an unquoted key',
    'a.json',
    '{ hosts: {} }',
    'a.json:1:3: not valid JSON: expected a key in double quotes, found "hosts"',
  ],
  [
    'single quotes',
    'a.json',
    "{ 'hosts': {} }",
    'a.json:1:3: not valid JSON: expected a key in double quotes, found a single quote',
  ],
  ['a bare word', 'a.json', '{ "a": yes }', 'a.json:1:8: not valid JSON: expected a value, found "yes"'],
  ['a number with a leading zero', 'a.json', '[01]', 'a.json:1:3: not valid JSON: expected "," or "]", found "1"'],
  ['a missing colon', 'a.json', '{ "a" 1 }', 'a.json:1:7: not valid JSON: expected ":" after the key "a", found "1"'],
  ['a missing comma', 'a.json', '{ "a": 1\n  "b": 2 }', 'a.json:2:3: not valid JSON: expected "," or "}", found """'],
  [
    'an unclosed mapping',
    'a.json',
    '{ "a": 1',
    'a.json:1:9: not valid JSON: expected "," or "}", found the end of the file',
  ],
  [
    'an unclosed text',
    'a.json',
    '{ "a": "b\n" }',
    'a.json:1:8: not valid JSON: this text is not closed, or has a character in it that JSON wants escaped',
  ],
  ['something after the end', 'a.json', '{} {}', 'a.json:1:4: not valid JSON: expected the end of the file, found "{"'],
  [
    'a key that objects take for their own',
    'a.json',
    '{ "__proto__": {} }',
    'a.json:1:3: not valid JSON: "__proto__" cannot be a key',
  ],
  [
    'JSON nested without end',
    'a.json',
    '['.repeat(100_000),
    'a.json:1:101: not valid JSON: nested more than 100 levels deep',
  ],
  ['an empty YAML file', 'a.yaml', '# nothing\n', 'a.yaml:1:1: not valid YAML: the file is empty'],
  [
    'a tab as YAML indentation',
    'a.yaml',
    'a:\n\tb: 1\n',
    'a.yaml:2:1: not valid YAML: Tabs are not allowed as indentation',
  ],
  [
    'a YAML list never closed',
    'a.yaml',
    'a: [1, 2\nb: 3\n',
    'a.yaml:2:1: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
  ],
  [
    'two YAML documents',
    'a.yaml',
    'a: 1\n---\nb: 2\n',
    'a.yaml:2:1: not valid YAML: expected one YAML document, found a second',
  ],
  ['a custom tag', 'a.yaml', 'a: !secret b\n', 'a.yaml:1:4: not valid YAML: Unresolved tag: !secret'],
  [
    'a number as YAML key',
    'a.yaml',
    'hosts:\n  8080: x\n',
    'a.yaml:2:3: not valid YAML: the key 8080 is not text; put it in quotes',
  ],
  [
    'a mapping as YAML key',
    'a.yaml',
    '? { a: 1 }\n: 2\n',
    'a.yaml:1:3: not valid YAML: the key is not text; put it in quotes',
  ],
  [
    'an alias without anchor',
    'a.yaml',
    'a: *b\n',
    'a.yaml:1:4: not valid YAML: the alias *b names no anchor before it',
  ],
  [
    'an alias inside of its own anchor',
    'a.yaml',
    'a: &x [1, *x]\n',
    'a.yaml:1:11: not valid YAML: the alias *x names no anchor before it',
  ],
  [
    'an alias bomb',
    'a.yaml',
    `a0: &a0 [x, x]\n${Array.from({ length: 40 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]\n`).join('')}`,
    'a.yaml:1:10: not valid YAML: aliases in this file expand to more than 10000 values',
  ],
];

for (const [what, file, text, sentence] of refusals) {
  test(`refuses ${what}`, (t) => t.is(refusal(file, text), sentence));
}

const nestings: readonly [string, string][] = [
  ['brackets', '['.repeat(100_000)],
  ['mappings', '{a: '.repeat(100_000)],
  ['dashes', '- '.repeat(100_000)],
  ['questions', '? '.repeat(100_000)],
  ['indentation', Array.from({ length: 1000 }, (_, i) => `${' '.repeat(i)}a:\n`).join('')],
  ['a little more than allowed', `a: ${'['.repeat(150)}${']'.repeat(150)}`],
];
for (const [by, text] of nestings) {
  test(`refuses YAML nested too deep by ${by}`, (t) => {
    t.regex(refusal('a.yaml', text), /^a\.yaml:\d+:\d+: not valid YAML: nested more than 100 levels deep$/);
  });
}

test('says why a file cannot be read', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  t.throws(() => readSource(join(folder, 'none.json')), {
    message: `cannot read ${folder}/none.json: there is no such file`,
  });
  t.throws(() => readSource(folder), { message: `cannot read ${folder}: it is a directory` });
  writeFileSync(join(folder, 'latin.yaml'), Buffer.from([0x61, 0x3a, 0x20, 0xe9, 0x0a]));
  t.throws(() => readSource(join(folder, 'latin.yaml')), {
    message: `cannot read ${folder}/latin.yaml: it is not UTF-8 text`,
  });
});

test('reads JSON indented with tabs and begun with a byte order mark', (t) => {
  const text = '\uFEFF{\r\n\t"hosts": {\r\n\t\t"a": null\r\n\t}\r\n}\r\n';
  const document = parseSource('a.json', text);
  t.deepEqual(document.value, { hosts: { a: null } });
  t.is(document.lineOf(['hosts', 'a']), 3);
});

test('gives the line of keys, list items and what holds something missing, in both formats', (t) => {
  for (const [file, text] of [
    ['a.json', '{\n  "a": {\n    "b": [\n      1,\n      2\n    ]\n  }\n}'],
    ['a.yaml', '# first\na:\n  b:\n    - 1\n    - 2\n'],
  ] as const) {
    const document = parseSource(file, text);
    t.deepEqual(document.value, { a: { b: [1, 2] } });
    t.is(document.lineOf(['a']), 2);
    t.is(document.lineOf(['a', 'b']), 3);
    t.is(document.lineOf(['a', 'b', 1]), 5);
    t.is(document.lineOf(['a', 'b', 7]), 3);
    t.is(document.lineOf(['a', 'none', 'deeper']), 2);
  }
});

test('keeps how a number is written, and the order of keys that look like numbers', (t) => {
  for (const [file, text] of [
    ['a.json', '{ "9": 8.30, "1": 2 }'],
    ['a.yaml', '"9": 8.30\n"1": 2\n'],
  ] as const) {
    const { root } = parseSource(file, text);
    t.like(nodeAt(root, ['9']), { value: 8.3, text: '8.30' });
    t.deepEqual(root.kind === 'mapping' && [...root.entries.keys()], ['9', '1']);
  }
});

test('YAML aliases repeat a value', (t) => {
  t.deepEqual(parseSource('a.yaml', 'a: &ports [1, 2]\nb: *ports\n').value, { a: [1, 2], b: [1, 2] });
});

test('a pipe is JSON when it begins like JSON, else YAML', (t) => {
  t.deepEqual(parseSource('/dev/fd/63', '{ "a": 1 }').value, { a: 1 });
  t.deepEqual(parseSource('/dev/fd/63', 'a: 1\n').value, { a: 1 });
});

const value = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    fc.string(),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (Object.is(n, -0) ? 0 : n)),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('node'), { maxLength: 4 }),
    fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      tie('node'),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
})).node;

test('reads every JSON value as JSON.parse does, however it is indented', (t) => {
  fc.assert(
    fc.property(value, fc.constantFrom(undefined, '  ', '\t'), (wanted, indent) => {
      const text = JSON.stringify(wanted, null, indent);
      t.deepEqual(parseSource('a.json', text).value, JSON.parse(text));
    }),
  );
  t.pass();
});

test('refuses every text that JSON.parse refuses', (t) => {
  const noise = fc.array(fc.constantFrom('{', '}', '[', ']', ':', ',', '"a"', '1', '-', '.', 'true', ' ', '\n', '"'), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(noise, (parts) => {
      const text = parts.join('');
      let wanted = true;
      try {
        const parsed = JSON.parse(text) as unknown;
        wanted = parsed !== undefined;
      } catch {
        wanted = false;
      }
      t.is(refusal('a.json', text) === 'accepted', wanted, text);
    }),
    { numRuns: 2000 },
  );
});

test('reads from YAML the value it was written from', (t) => {
  fc.assert(
    fc.property(
      value.filter((v) => v !== null),
      (wanted) => {
        t.deepEqual(parseSource('a.yaml', stringify(wanted, { aliasDuplicateObjects: false })).value, wanted);
      },
    ),
  );
  t.pass();
});
