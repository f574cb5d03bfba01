import test from 'ava';
import fc from 'fast-check';
import type { FactValue } from '#src/model/inventory.js';
import type { Condition } from '#src/model/scenario.js';
import { evaluate, type Truth } from '#src/plan/condition.js';
import { compareVersions } from '#src/plan/version.js';
import { host, scenario } from './builders.js';

type Operator = Extract<Condition, { kind: 'compare' }>['operator'];

const fact = (name: string, side: 'from' | 'to' = 'to'): Condition => ({ kind: 'fact', side, fact: name });
const compare = (name: string, operator: Operator, value: FactValue): Condition => ({
  kind: 'compare',
  side: 'to',
  fact: name,
  operator,
  value,
});

function decide(condition: Condition, facts: Record<string, FactValue>): { truth: Truth; doubts: string[] } {
  const doubts: string[] = [];
  const bound = scenario([], { siteFacts: facts });
  const truth = evaluate(condition, { bound, from: undefined, to: undefined }, (why) => doubts.push(why));
  return { truth, doubts };
}

test('a host’s own fact goes before the site’s, and the site’s before the default', (t) => {
  const bound = scenario([], {
    facts: { a: 'default', b: 'default', c: 'default' },
    siteFacts: { b: 'site', c: 'site' },
  });
  const to = host('db', 'node', { facts: { c: 'own' } });
  const value = (name: string, expected: string) =>
    evaluate(compare(name, '==', expected), { bound, from: undefined, to }, () => t.fail());
  t.true(value('a', 'default'));
  t.true(value('b', 'site'));
  t.true(value('c', 'own'));
});

test('a fact is asked of the side that the condition names', (t) => {
  const bound = scenario([], { facts: { reserve: false } });
  const from = host('a', 'node', { facts: { reserve: true } });
  const to = host('b', 'node');
  const doubt = () => t.fail();
  t.true(evaluate(fact('reserve', 'from'), { bound, from, to }, doubt));
  t.false(evaluate(fact('reserve', 'to'), { bound, from, to }, doubt));
});

for (const [value, truth] of [
  [true, true],
  [false, false],
  ['10.0.0.9', true],
  ['', false],
  [0, false],
  [3, true],
] as const) {
  test(`a bare fact that is ${JSON.stringify(value)} is ${truth}`, (t) => {
    t.deepEqual(decide(fact('vip'), { vip: value }), { truth, doubts: [] });
  });
}

test('a fact that nobody set makes the condition undecidable, and is named', (t) => {
  t.deepEqual(decide(fact('vip'), {}), { truth: 'undecidable', doubts: ['the fact "vip" is not set'] });
  t.deepEqual(decide({ kind: 'not', operand: compare('version', '<', 4) }, {}), {
    truth: 'undecidable',
    doubts: ['the fact "version" is not set'],
  });
});

test('an undecidable operand matters only where it could turn the result', (t) => {
  const unknown = fact('unknown');
  const and = (...operands: Condition[]): Condition => ({ kind: 'and', operands });
  const or = (...operands: Condition[]): Condition => ({ kind: 'or', operands });
  const facts = { yes: true, no: false };
  t.deepEqual(decide(and(unknown, fact('no')), facts), { truth: false, doubts: [] });
  t.deepEqual(decide(or(unknown, fact('yes')), facts), { truth: true, doubts: [] });
  t.is(decide(and(unknown, fact('yes')), facts).truth, 'undecidable');
  t.is(decide(or(unknown, fact('no')), facts).truth, 'undecidable');
  t.true(decide(and(fact('yes'), fact('yes')), facts).truth);
  t.false(decide(or(fact('no'), fact('no')), facts).truth);
});

for (const [value, operator, wanted, truth] of [
  ['8.31', '>', '8.4', true],
  [8.31, '>', 8.4, true],
  ['8.31.0', '>=', '8.31', true],
  ['8', '==', '8.0', true],
  ['v3.1.1', '<', '4', true],
  [3306, '!=', 3306, false],
  ['standard', '==', 'standard', true],
  ['basic', '!=', 'standard', true],
  [true, '==', true, true],
  ['4.0', '<=', 4, true],
] as const) {
  test(`${JSON.stringify(value)} ${operator} ${JSON.stringify(wanted)} is ${truth}`, (t) => {
    t.deepEqual(decide(compare('x', operator, wanted), { x: value }), { truth, doubts: [] });
  });
}

test('an order that does not exist is undecidable', (t) => {
  t.deepEqual(decide(compare('edition', '<', 'standard'), { edition: 'basic' }), {
    truth: 'undecidable',
    doubts: ['the fact "edition" is "basic", which has no order to "standard"'],
  });
});

test('versions are ordered totally, whatever their length', (t) => {
  const version = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 4 });
  const padded = (parts: readonly number[]) => [0, 1, 2, 3].reduce((sum, i) => sum * 100 + (parts[i] ?? 0), 0);
  fc.assert(
    fc.property(version, version, (a, b) => {
      const order = compareVersions(a.join('.'), b.join('.'))!;
      t.is(Math.sign(order), Math.sign(padded(a) - padded(b)));
    }),
  );
  t.pass();
});
