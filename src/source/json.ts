import type { MappingEntry, Position, SourceNode } from './node.js';
import { type DuplicateKey, deepestNesting, forbiddenKey, type Parsed, positionsOf, SyntaxProblem } from './syntax.js';

/** Reads JSON as RFC 8259 has it, and nothing more lenient. Throws a {@link SyntaxProblem}. */
export function parseJson(text: string): Parsed {
  const reader = new JsonReader(text);
  return { root: reader.document(), duplicates: reader.duplicates };
}

const numberPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const stringPattern = /"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const wordPattern = /[A-Za-z_$][\w$-]*/y;
const words: ReadonlyMap<string, true | false | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);

class JsonReader {
  readonly duplicates: DuplicateKey[] = [];
  private at = 0;
  private depth = 0;
  private readonly position: (offset: number) => Position;

  constructor(private readonly text: string) {
    this.position = positionsOf(text);
  }

  document(): SourceNode {
    this.space();
    if (this.at === this.text.length) this.refuse('the file is empty');
    const node = this.value();
    this.space();
    if (this.at < this.text.length) this.refuse(`expected the end of the file, found ${this.found()}`);
    return node;
  }

  private value(): SourceNode {
    const position = this.position(this.at);
    const character = this.text[this.at];
    if (character === '{') return this.nested(() => this.mapping(position));
    if (character === '[') return this.nested(() => this.list(position));
    if (character === '"') {
      const { value, text } = this.string();
      return { kind: 'scalar', position, value, text };
    }
    const number = this.match(numberPattern);
    if (number !== undefined) return { kind: 'scalar', position, value: Number(number), text: number };
    const start = this.at;
    const word = this.match(wordPattern);
    const value = word === undefined ? undefined : words.get(word);
    if (word !== undefined && value !== undefined) return { kind: 'scalar', position, value, text: word };
    this.at = start;
    return this.refuse(`expected a value, found ${this.found()}`);
  }

  private nested<T>(read: () => T): T {
    this.depth += 1;
    if (this.depth > deepestNesting) this.refuse(`nested more than ${deepestNesting} levels deep`);
    this.at += 1;
    this.space();
    const node = read();
    this.depth -= 1;
    return node;
  }

  private mapping(position: Position): SourceNode {
    const entries = new Map<string, MappingEntry>();
    if (this.take('}')) return { kind: 'mapping', position, entries };
    do {
      this.space();
      const keyAt = this.at;
      if (this.text[keyAt] === '}') this.refuse('expected another key, found "}" after a comma');
      if (this.text[keyAt] !== '"') this.refuse(`expected a key in double quotes, found ${this.found()}`);
      const keyPosition = this.position(keyAt);
      const { value: key } = this.string();
      const earlier = entries.get(key);
      if (key === forbiddenKey) throw new SyntaxProblem(keyPosition, `"${forbiddenKey}" cannot be a key`);
      this.space();
      if (!this.take(':')) this.refuse(`expected ":" after the key "${key}", found ${this.found()}`);
      this.space();
      const node = this.value();
      if (earlier === undefined) entries.set(key, { keyPosition, node });
      else this.duplicates.push({ key, position: keyPosition, first: earlier.keyPosition });
      this.space();
    } while (this.take(','));
    if (!this.take('}')) this.refuse(`expected "," or "}", found ${this.found()}`);
    return { kind: 'mapping', position, entries };
  }

  private list(position: Position): SourceNode {
    const items: SourceNode[] = [];
    if (this.take(']')) return { kind: 'list', position, items };
    do {
      this.space();
      if (this.text[this.at] === ']') this.refuse('expected another value, found "]" after a comma');
      items.push(this.value());
      this.space();
    } while (this.take(','));
    if (!this.take(']')) this.refuse(`expected "," or "]", found ${this.found()}`);
    return { kind: 'list', position, items };
  }

  private string(): { value: string; text: string } {
    const text = this.match(stringPattern);
    if (text === undefined)
      return this.refuse('this text is not closed, or has a character in it that JSON wants escaped');
    return { value: JSON.parse(text) as string, text };
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const matched = pattern.exec(this.text)?.[0];
    if (matched !== undefined) this.at += matched.length;
    return matched;
  }

  private take(character: string): boolean {
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  private space(): void {
    while (' \t\r\n'.includes(this.text[this.at] ?? 'x')) this.at += 1;
  }

  private found(): string {
    const rest = this.text.slice(this.at, this.at + 2);
    if (rest === '') return 'the end of the file';
    if (rest === '//' || rest === '/*' || rest.startsWith('#')) return 'a comment, which JSON does not have';
    if (rest.startsWith("'")) return 'a single quote';
    wordPattern.lastIndex = this.at;
    const word = wordPattern.exec(this.text)?.[0];
    return word === undefined ? `"${String.fromCodePoint(this.text.codePointAt(this.at)!)}"` : `"${word}"`;
  }

  private refuse(message: string): never {
    throw new SyntaxProblem(this.position(this.at), message);
  }
}
