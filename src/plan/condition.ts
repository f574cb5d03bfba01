import type { FactValue, Member } from '../model/inventory.js';
import type { BoundScenario, Condition } from '../model/scenario.js';
import { compareVersions } from './version.js';

type Comparison = Extract<Condition, { kind: 'compare' }>;

/** `undecidable`: a fact that the condition asks for is not known, or cannot be compared as it asks. */
export type Truth = boolean | 'undecidable';

/** The facts of one pair: a host's own over the site's over the scenario's default. */
export interface PairFacts {
  readonly bound: BoundScenario;
  readonly from: Member | undefined;
  readonly to: Member | undefined;
}

/** Kleene's three-valued logic: an unknown operand matters only where it could turn the result. `doubt` hears why. */
export function evaluate(condition: Condition, facts: PairFacts, doubt: (why: string) => void): Truth {
  switch (condition.kind) {
    case 'fact': {
      const value = factOf(facts, condition.side, condition.fact);
      return value === undefined ? undecidable(doubt, notSet(condition.fact)) : isTruthy(value);
    }
    case 'compare': {
      const value = factOf(facts, condition.side, condition.fact);
      return value === undefined ? undecidable(doubt, notSet(condition.fact)) : compare(condition, value, doubt);
    }
    case 'not': {
      const operand = evaluate(condition.operand, facts, doubt);
      return operand === 'undecidable' ? operand : !operand;
    }
    case 'and':
    case 'or':
      return combine(condition.operands, condition.kind === 'or', facts, doubt);
  }
}

/** The names of the facts that a condition asks for. */
export function factsIn(condition: Condition): readonly string[] {
  switch (condition.kind) {
    case 'fact':
    case 'compare':
      return [condition.fact];
    case 'not':
      return factsIn(condition.operand);
    case 'and':
    case 'or':
      return condition.operands.flatMap(factsIn);
  }
}

function combine(
  operands: readonly Condition[],
  decisive: boolean,
  facts: PairFacts,
  doubt: (why: string) => void,
): Truth {
  const doubts: string[] = [];
  for (const operand of operands) {
    if (evaluate(operand, facts, (why) => doubts.push(why)) === decisive) return decisive;
  }
  for (const why of doubts) doubt(why);
  return doubts.length > 0 ? 'undecidable' : !decisive;
}

function factOf({ bound, from, to }: PairFacts, side: 'from' | 'to', fact: string): FactValue | undefined {
  const member = side === 'from' ? from : to;
  return member?.facts.get(fact) ?? bound.facts.get(fact) ?? bound.scenario.facts.get(fact)?.default;
}

// A fact that is not a truth value is true where it says something: `when: vip` asks whether there is one.
function isTruthy(value: FactValue): boolean {
  return value !== '' && value !== 0 && value !== false;
}

function compare({ fact, operator, value: wanted }: Comparison, value: FactValue, doubt: (why: string) => void): Truth {
  const order = compareVersions(value, wanted);
  if (operator === '==' || operator === '!=') {
    const equal = order === undefined ? String(value) === String(wanted) : order === 0;
    return equal === (operator === '==');
  }
  if (order === undefined)
    return undecidable(doubt, `the fact "${fact}" is "${value}", which has no order to "${wanted}"`);
  switch (operator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}

function notSet(fact: string): string {
  return `the fact "${fact}" is not set`;
}

function undecidable(doubt: (why: string) => void, why: string): Truth {
  doubt(why);
  return 'undecidable';
}
