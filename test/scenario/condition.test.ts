import test from 'ava';
import fc from 'fast-check';
import type { Condition } from '#src/model/scenario.js';
import { ConditionProblem, factsOf, parseCondition } from '#src/scenario/condition.js';

const refusals: readonly [text: string, sentence: string][] = [
  ['', 'expected the name of a fact, found the end'],
  ['version <', 'expected a value, found the end'],
  ['version < )', 'expected a value, found ")"'],
  ['version = 4', 'write "==" instead of "="'],
  ['a && b', 'write "and" instead of "&&"'],
  ['a || b', 'write "or" instead of "||"'],
  ['!a', 'write "not" instead of "!"'],
  ['a b', 'expected "and", "or" or the end, found "b"'],
  ['(a or b', 'expected ")", found the end'],
  ['a)', 'expected "and", "or" or the end, found ")"'],
  ['and a', 'expected the name of a fact, found "and"'],
  ['4 < version', 'expected the name of a fact, found "4"'],
  ['"a" == b', 'expected the name of a fact, found "a"'],
  ['a == not', 'expected a value, found "not"'],
  ['a == "b', '"\\"" has no meaning in a condition'],
  ['a ; b', '";" has no meaning in a condition'],
  [`${'not '.repeat(200)}a`, 'it is nested more than 100 levels deep'],
  ['('.repeat(100_000), 'it is nested more than 100 levels deep'],
];

for (const [text, sentence] of refusals) {
  test(`refuses ${text.slice(0, 30) || 'nothing'}`, (t) => {
    const error = t.throws(() => parseCondition(text), { instanceOf: ConditionProblem });
    t.is(error.message, sentence);
  });
}

test('a fact without a side is the destination’s', (t) => {
  t.deepEqual(parseCondition('reserve'), { kind: 'fact', side: 'to', fact: 'reserve' });
  t.deepEqual(parseCondition('to.reserve'), { kind: 'fact', side: 'to', fact: 'reserve' });
  t.deepEqual(parseCondition('from.reserve'), { kind: 'fact', side: 'from', fact: 'reserve' });
});

test('"not" binds closer than "and", and "and" closer than "or"', (t) => {
  t.deepEqual(parseCondition('not a and b or c'), parseCondition('((not a) and b) or c'));
  t.notDeepEqual(parseCondition('not a and b or c'), parseCondition('not (a and (b or c))'));
});

test('reads whole numbers as numbers, versions as text, and what is quoted as text', (t) => {
  const value = (text: string) => [...factsOf(parseCondition(`x == ${text}`))][0];
  t.like(value('4'), { value: 4 });
  t.like(value('-4'), { value: -4 });
  t.like(value('8.30'), { value: '8.30' });
  t.like(value('8.32.0'), { value: '8.32.0' });
  t.like(value('standard'), { value: 'standard' });
  t.like(value('"a b"'), { value: 'a b' });
  t.like(value("'4'"), { value: '4' });
  t.like(value('true'), { value: true });
  t.like(value('"true"'), { value: 'true' });
});

test('names every fact', (t) => {
  t.deepEqual(
    [...factsOf(parseCondition('a and not (from.b == 1 or c)'))].map(({ side, fact }) => `${side}.${fact}`),
    ['to.a', 'from.b', 'to.c'],
  );
});

/** Writes a condition with every bracket, so that reading it back depends on nothing but the reading. */
function write(condition: Condition): string {
  if (condition.kind === 'fact') return `${condition.side}.${condition.fact}`;
  if (condition.kind === 'compare') {
    const value = typeof condition.value === 'string' ? JSON.stringify(condition.value) : String(condition.value);
    return `${condition.side}.${condition.fact}${condition.operator}${value}`;
  }
  if (condition.kind === 'not') return `not (${write(condition.operand)})`;
  return condition.operands.map((operand) => `(${write(operand)})`).join(` ${condition.kind} `);
}

const side = fc.constantFrom('from' as const, 'to' as const);
const fact = fc.stringMatching(/^[a-z][a-z0-9_-]{0,6}$/);
const condition = fc.letrec<{ node: Condition }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    fc.record({ kind: fc.constant('fact' as const), side, fact }),
    fc.record({
      kind: fc.constant('compare' as const),
      side,
      fact,
      operator: fc.constantFrom('==' as const, '!=' as const, '<' as const, '<=' as const, '>' as const, '>=' as const),
      value: fc.oneof(fc.integer(), fc.boolean(), fc.stringMatching(/^[a-z .()=]{0,6}$/)),
    }),
    fc.record({ kind: fc.constant('not' as const), operand: tie('node') }),
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      operands: fc.array(tie('node'), { minLength: 2, maxLength: 4 }),
    }),
  ),
})).node;

test('reads back every condition that can be written', (t) => {
  fc.assert(fc.property(condition, (wanted) => void t.deepEqual(parseCondition(write(wanted)), wanted)));
});

test('never throws anything but a ConditionProblem', (t) => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(fc.constantFrom('a', 'and', 'or', 'not', '(', ')', '==', '<', '"x"', '1')).map((w) => w.join(' ')),
      ),
      (text) => {
        try {
          parseCondition(text);
        } catch (error) {
          if (!(error instanceof ConditionProblem)) throw error;
        }
      },
    ),
    { numRuns: 1000 },
  );
  t.pass();
});
