import test from 'ava';
import * as z from 'zod';
import { ExpectedError } from '#src/model/errors.js';
import { Problems } from '#src/source/problems.js';
import { parseSource } from '#src/source/read.js';
import { validate } from '#src/source/validate.js';

const aPort = 'a port from 1 to 65535';
const port = z.union([z.int().min(1, aPort).max(65535, aPort), z.string().regex(/^\d+$/)], { error: aPort });
const schema = z.strictObject({
  name: z.string().min(1),
  port: port.optional(),
  mode: z.enum(['all', 'any']).optional(),
  flag: z.boolean().optional(),
  list: z.array(z.int()).min(1).optional(),
  password: z
    .union([z.literal('prompt'), z.strictObject({ env: z.string() })], { error: '"prompt" or { "env": "NAME" }' })
    .optional(),
  parts: z
    .record(
      z.string().regex(/^[a-z]+$/, 'a name of small letters'),
      z.strictObject({ address: z.string(), jump: z.string().optional() }),
    )
    .optional(),
});

function refusal(value: unknown): string[] {
  const problems = new Problems();
  validate(schema, parseSource('f.json', typeof value === 'string' ? value : JSON.stringify(value, null, 1)), problems);
  const error = refused(() => problems.throwIfAny());
  return error.message.split('\n');
}

function refused(run: () => void): ExpectedError {
  try {
    run();
  } catch (error) {
    if (error instanceof ExpectedError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const refusals: readonly [what: string, value: unknown, sentences: string[]][] = [
  ['a file that is no mapping', [], ['the file is an empty list at f.json:1; expected a mapping']],
  ['a missing key', {}, ['name is missing at f.json:1; expected text']],
  ['an empty text', { name: '' }, ['name is empty text at f.json:2; expected some text']],
  ['an unknown key', { nam: 'a', name: 'b' }, ['unknown key "nam" at f.json:2; did you mean "name"?']],
  [
    'an unknown key near none',
    { name: 'b', xyzzy: 1 },
    ['unknown key "xyzzy" at f.json:3; expected "name", "port", "mode", "flag", "list", "password" or "parts"'],
  ],
  ['a wrong kind', { name: 'b', flag: 'yes' }, ['flag is "yes" at f.json:3; expected true or false']],
  ['a near miss of a choice', { name: 'b', mode: 'ayn' }, ['mode is "ayn" at f.json:3; did you mean "any"?']],
  ['a value out of a list', { name: 'b', mode: 'some' }, ['mode is "some" at f.json:3; expected "all" or "any"']],
  ['an empty value', { name: null }, ['name is empty at f.json:2; expected text']],
  [
    'a union without a fitting branch',
    { name: 'b', port: 70000 },
    ['port is 70000 at f.json:3; expected a port from 1 to 65535'],
  ],
  ['a list item', { name: 'b', list: [1, 2.5] }, ['list[2] is 2.5 at f.json:5; expected a whole number']],
  ['an empty list', { name: 'b', list: [] }, ['list is an empty list at f.json:3; expected at least one entry']],
  [
    'a bad key',
    { name: 'b', parts: { A1: { address: 'x' } } },
    ['the name "A1" at f.json:4; expected a name of small letters'],
  ],
  [
    'a nested unknown key',
    { name: 'b', parts: { a: { address: 'x', jmp: 'y' } } },
    ['unknown key "jmp" in parts.a at f.json:6; did you mean "jump"?'],
  ],
  [
    'a secret, without repeating it',
    { name: 'b', password: 'hunter2' },
    ['password is written out at f.json:3; expected "prompt" or { "env": "NAME" }'],
  ],
  [
    'the inside of a union branch',
    { name: 'b', password: { envv: 'X' } },
    ['password.env is missing at f.json:3; expected text', 'unknown key in password at f.json:4; expected "env"'],
  ],
  [
    'a duplicate key beside another problem',
    '{ "name": "a",\n"name": "b",\n"flag": 1 }',
    ['duplicate key "name" at f.json:2; it is in line 1 already', 'flag is 1 at f.json:3; expected true or false'],
  ],
];

for (const [what, value, sentences] of refusals) {
  test(`refuses ${what}`, (t) => t.deepEqual(refusal(value), sentences));
}

test('reports everything at once, in the order of lines', (t) => {
  t.deepEqual(refusal({ flag: 1, mode: 2, x: 3 }), [
    'name is missing at f.json:1; expected text',
    'flag is 1 at f.json:2; expected true or false',
    'mode is 2 at f.json:3; expected "all" or "any"',
    'unknown key "x" at f.json:4; expected "name", "port", "mode", "flag", "list", "password" or "parts"',
  ]);
});

test('gives back what fits', (t) => {
  const problems = new Problems();
  t.deepEqual(validate(schema, parseSource('f.yaml', 'name: a\nport: 80\n'), problems)?.value, { name: 'a', port: 80 });
  t.notThrows(() => problems.throwIfAny());
});

test('leaves what fits, for the checks that need more than a schema, with its own lines', (t) => {
  const file = parseSource(
    'f.yaml',
    'name: a\nlist:\n  - 1\n  - x\n  - 3\nparts:\n  a: { address: b, extra: c }\n  b: {}\n',
  );
  const left = validate(schema, file, new Problems());
  t.deepEqual(left?.value, { name: 'a', list: [1, 3], parts: { a: { address: 'b' } } });
  t.is(left?.document.lineOf(['list', 1]), 5);
  t.is(validate(schema, parseSource('f.yaml', 'list: [1]\n'), new Problems()), undefined);
});
