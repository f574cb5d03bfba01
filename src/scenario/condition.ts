import type { FactValue } from '../model/inventory.js';
import type { Condition } from '../model/scenario.js';

/** A condition that does not follow the grammar; the message is a clause, `expected a fact, found ")"`. */
export class ConditionProblem extends Error {
  override readonly name = 'ConditionProblem';
}

type Operator = Extract<Condition, { kind: 'compare' }>['operator'];
type Token = { readonly kind: 'word' | 'quoted' | 'sign'; readonly text: string };

const tokenPattern =
  /\s*(?:(?<sign>==|!=|<=|>=|&&|\|\||[()<>=!])|"(?<double>[^"]*)"|'(?<single>[^']*)'|(?<word>[\w.+-]+))/y;
const operators: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);
const keywords: ReadonlySet<string> = new Set(['and', 'or', 'not']);
const foreign: Readonly<Record<string, string>> = { '=': '==', '&&': 'and', '||': 'or', '!': 'not' };

/**
 * Reads a condition on facts, `version < 4 and not from.direct`:
 *
 *     or         = and { "or" and }
 *     and        = not { "and" not }
 *     not        = "not" not | "(" or ")" | comparison
 *     comparison = fact [ ( "==" | "!=" | "<" | "<=" | ">" | ">=" ) literal ]
 *     fact       = [ "from." | "to." ] NAME
 *
 * A fact without a side is the destination's. Throws a {@link ConditionProblem}.
 */
export function parseCondition(text: string): Condition {
  const parser = new ConditionParser(tokensOf(text));
  return parser.whole();
}

/** Every comparison and every bare fact of a condition. */
export function* factsOf(condition: Condition): Generator<Extract<Condition, { fact: string }>> {
  if (condition.kind === 'fact' || condition.kind === 'compare') yield condition;
  else if (condition.kind === 'not') yield* factsOf(condition.operand);
  else for (const part of condition.operands) yield* factsOf(part);
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < end) {
    const at = tokenPattern.lastIndex;
    const groups = tokenPattern.exec(text)?.groups;
    if (groups === undefined)
      throw new ConditionProblem(`${JSON.stringify(text.slice(at).trim()[0])} has no meaning in a condition`);
    const { sign, word, double, single } = groups;
    if (sign !== undefined) tokens.push({ kind: 'sign', text: sign });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else tokens.push({ kind: 'quoted', text: (double ?? single)! });
  }
  return tokens;
}

class ConditionParser {
  private at = 0;
  private depth = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  whole(): Condition {
    const condition = this.or();
    if (this.at < this.tokens.length) this.refuse('"and", "or" or the end');
    return condition;
  }

  private or(): Condition {
    return this.joined('or', () => this.joined('and', () => this.not()));
  }

  private joined(kind: 'and' | 'or', read: () => Condition): Condition {
    const operands = [read()];
    while (this.takeWord(kind)) operands.push(read());
    return operands.length === 1 ? operands[0]! : { kind, operands };
  }

  private not(): Condition {
    this.depth += 1;
    if (this.depth > 100) throw new ConditionProblem('it is nested more than 100 levels deep');
    const condition = this.unary();
    this.depth -= 1;
    return condition;
  }

  private unary(): Condition {
    if (this.takeWord('not')) return { kind: 'not', operand: this.not() };
    if (!this.takeSign('(')) return this.comparison();
    const inner = this.or();
    if (!this.takeSign(')')) this.refuse('")"');
    return inner;
  }

  private comparison(): Condition {
    const token = this.tokens[this.at];
    if (token?.kind !== 'word' || keywords.has(token.text) || !/^[A-Za-z]/.test(token.text))
      this.refuse('the name of a fact');
    this.at += 1;
    const [, side, fact] = /^(?:(from|to)\.)?(.+)$/.exec(token!.text)!;
    const subject = { side: side === 'from' ? 'from' : 'to', fact: fact! } as const;
    const operator = this.tokens[this.at];
    if (operator?.kind === 'sign' && operators.has(operator.text)) {
      this.at += 1;
      return { kind: 'compare', ...subject, operator: operator.text as Operator, value: this.literal() };
    }
    return { kind: 'fact', ...subject };
  }

  private literal(): FactValue {
    const token = this.tokens[this.at];
    if (token === undefined || token.kind === 'sign' || (token.kind === 'word' && keywords.has(token.text))) {
      this.refuse('a value');
    }
    this.at += 1;
    const { kind, text } = token!;
    if (kind === 'quoted') return text;
    if (text === 'true' || text === 'false') return text === 'true';
    // 8.30 is a version more often than a number, and as a number it would be 8.3.
    return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
  }

  private takeWord(text: string): boolean {
    return this.take('word', text);
  }

  private takeSign(text: string): boolean {
    return this.take('sign', text);
  }

  private take(kind: Token['kind'], text: string): boolean {
    const token = this.tokens[this.at];
    if (token?.kind !== kind || token.text !== text) return false;
    this.at += 1;
    return true;
  }

  private refuse(expected: string): never {
    const token = this.tokens[this.at];
    const instead = token?.kind === 'sign' ? foreign[token.text] : undefined;
    if (instead !== undefined) throw new ConditionProblem(`write "${instead}" instead of "${token!.text}"`);
    throw new ConditionProblem(`expected ${expected}, found ${token === undefined ? 'the end' : `"${token.text}"`}`);
  }
}
