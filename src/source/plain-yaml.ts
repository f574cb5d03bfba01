import type { MappingEntry, Scalar, ScalarNode, SourceNode } from './node.js';
import { deepestNesting, forbiddenKey, type Parsed } from './syntax.js';

/**
 * Reads the plain part of YAML: block mappings and lists, flow collections, one-line scalars, folded and literal text.
 * Undefined for everything else, mistakes included, which is the library's business: where this reader has an answer,
 * it is the library's (test/source/plain-yaml.test.ts compares them). It exists because loading the library and reading
 * three bundled scenarios with it took 0.22 s of `portolan plan` on a busy machine of 2 cores; this takes 0.02 s.
 */
export function parsePlainYaml(text: string): Parsed | undefined {
  if (/[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]|^(?:---|\.\.\.|%)/m.test(text)) return undefined;
  try {
    return { root: new PlainReader(text).document(), duplicates: [] };
  } catch (error) {
    if (error === notPlain) return undefined;
    throw error;
  }
}

const notPlain = new Error('not plain YAML');

const keyPattern = /(?:([A-Za-z_$][\w.$[\]:-]*?)|"([^"\\\n]*)"|'([^'\n]*)'):(?=[ \n]|$)/y;
const flowKeyPattern = /(?:([A-Za-z_$][\w.$-]*)|"([^"\\\n]*)"|'([^'\n]*)'):(?=[ \n])/y;
const quotedPattern = /"([^"\\\n]*)"|'([^'\n]*)'(?!')/y;
const plainPattern = /(?:[A-Za-z0-9_$./~]|-(?=\d))[^\n]*/y;
const flowPlainPattern = /(?:[A-Za-z0-9_$./~]|-(?=\d))[^\n,[\]{}]*/y;
const blockHeaders: ReadonlySet<string> = new Set(['>', '>-', '|', '|-']);

class PlainReader {
  private readonly lines: readonly { readonly start: number; readonly indent: number; readonly blank: boolean }[];
  private line = 0;
  private depth = 0;

  constructor(private readonly text: string) {
    let start = 0;
    this.lines = text.split('\n').map((content) => {
      const at = start;
      start += content.length + 1;
      const indent = content.search(/[^ ]/);
      return { start: at, indent: Math.max(indent, 0), blank: indent === -1 || content[indent] === '#' };
    });
  }

  document(): SourceNode {
    this.skipBlank();
    const first = this.lines[this.line] ?? this.refuse();
    const node = this.block(first.indent);
    if (this.line < this.lines.length) this.refuse();
    return node;
  }

  /** The list or mapping whose first entry stands in the current line. */
  private block(indent: number): SourceNode {
    return this.isDash(indent) ? this.list(indent) : this.mapping(indent, this.offset(indent));
  }

  private list(indent: number): SourceNode {
    const position = this.position(this.offset(indent));
    const items: SourceNode[] = [];
    this.descend();
    while (this.lines[this.line]?.indent === indent && this.isDash(indent)) {
      let at = this.offset(indent) + 1;
      while (this.text[at] === ' ') at += 1;
      if (this.match(keyPattern, at) !== undefined) items.push(this.mapping(at - this.lines[this.line]!.start, at));
      else items.push(this.inline(at, indent));
    }
    this.depth -= 1;
    return { kind: 'list', position, items };
  }

  /** A mapping whose first key stands at `at`: behind a dash, or at the beginning of its line. */
  private mapping(indent: number, at: number): SourceNode {
    const position = this.position(at);
    const entries = new Map<string, MappingEntry>();
    this.descend();
    for (let keyAt = at; ; keyAt = this.offset(indent)) {
      const match = this.match(keyPattern, keyAt) ?? this.refuse();
      const key = this.key(match, entries);
      const keyPosition = this.position(keyAt);
      let valueAt = keyAt + match[0].length;
      while (this.text[valueAt] === ' ') valueAt += 1;
      entries.set(key, { keyPosition, node: this.value(valueAt, indent) });
      if (this.lines[this.line]?.indent !== indent || this.isDash(indent)) break;
    }
    this.depth -= 1;
    return { kind: 'mapping', position, entries };
  }

  private key(match: RegExpExecArray, entries: ReadonlyMap<string, unknown>): string {
    const key = match[1] ?? match[2] ?? match[3]!;
    // What is plain and not text, and what is wrong, the library says.
    if (entries.has(key) || key === forbiddenKey || (match[1] !== undefined && typeof this.resolve(key) !== 'string')) {
      this.refuse();
    }
    return key;
  }

  private value(at: number, indent: number): SourceNode {
    const end = this.lineEnd();
    if (at < end && this.text[at] !== '#') return this.inline(at, indent);
    this.nextLine();
    const next = this.lines[this.line];
    if (next === undefined || next.indent < indent) this.refuse();
    // A list may stand as far to the left as the key that it belongs to.
    if (next!.indent === indent && !this.isDash(indent)) this.refuse();
    const first = this.offset(next!.indent);
    return '[{'.includes(this.text[first]!) ? this.inline(first, indent) : this.block(next!.indent);
  }

  /** A value that begins in the current line, within a block indented by `indent`. */
  private inline(at: number, indent: number): SourceNode {
    const position = this.position(at);
    const first = this.text[at];
    if (first === '{' || first === '[') {
      const { node, end } = this.flow(at, indent);
      this.finishLine(end, indent);
      return node;
    }
    const header = this.text.slice(at, this.lineEnd()).trimEnd();
    if (blockHeaders.has(header)) return { kind: 'scalar', position, ...this.blockText(header, indent) };
    const quoted = this.match(quotedPattern, at);
    if (quoted !== undefined) {
      this.finishLine(at + quoted[0].length, indent);
      const value = quoted[1] ?? quoted[2]!;
      return { kind: 'scalar', position, value, text: value };
    }
    const matched = (this.match(plainPattern, at) ?? this.refuse())[0];
    const text = matched.replace(/ #.*$/, '').trimEnd();
    this.finishLine(at + text.length, indent);
    return this.plain(text, position);
  }

  private plain(text: string, position: ScalarNode['position']): ScalarNode {
    if (/:(?: |$)/.test(text)) this.refuse();
    return { kind: 'scalar', position, value: this.resolve(text), text };
  }

  /** Lines of one indentation without gaps: `>` joins them with spaces, `|` keeps them. */
  private blockText(header: string, indent: number): { value: string; text: string } {
    const content: string[] = [];
    let inner: number | undefined;
    this.line += 1;
    for (; this.line < this.lines.length; this.line++) {
      const { start, indent: own } = this.lines[this.line]!;
      const end = this.text.indexOf('\n', start);
      const text = this.text.slice(start, end === -1 ? undefined : end);
      if (text !== '' && text.trim() === '') this.refuse();
      if (text === '' || own <= indent) break;
      inner ??= own;
      if (own !== inner || text.endsWith(' ')) this.refuse();
      content.push(text.slice(own));
    }
    if (content.length === 0) this.refuse();
    this.skipBlank();
    if ((this.lines[this.line]?.indent ?? 0) > indent) this.refuse();
    const value = content.join(header.startsWith('>') ? ' ' : '\n') + (header.endsWith('-') ? '' : '\n');
    return { value, text: value };
  }

  private flow(start: number, indent: number): { node: SourceNode; end: number } {
    this.descend();
    const position = this.position(start);
    const mapping = this.text[start] === '{';
    const close = mapping ? '}' : ']';
    const entries = new Map<string, MappingEntry>();
    const items: SourceNode[] = [];
    let at = this.flowSpace(start + 1, indent);
    while (this.text[at] !== close) {
      let value: { node: SourceNode; end: number };
      if (mapping) {
        const match = this.match(flowKeyPattern, at) ?? this.refuse();
        const key = this.key(match, entries);
        const keyPosition = this.position(at);
        value = this.flowValue(this.flowSpace(at + match[0].length, indent), indent);
        entries.set(key, { keyPosition, node: value.node });
      } else {
        value = this.flowValue(at, indent);
        items.push(value.node);
      }
      at = this.flowSpace(value.end, indent);
      if (this.text[at] === ',') at = this.flowSpace(at + 1, indent);
      else if (this.text[at] !== close) this.refuse();
    }
    this.depth -= 1;
    return { node: mapping ? { kind: 'mapping', position, entries } : { kind: 'list', position, items }, end: at + 1 };
  }

  private flowValue(at: number, indent: number): { node: SourceNode; end: number } {
    const first = this.text[at];
    if (first === '{' || first === '[') return this.flow(at, indent);
    const position = this.position(at);
    const quoted = this.match(quotedPattern, at);
    if (quoted !== undefined) {
      const value = quoted[1] ?? quoted[2]!;
      return { node: { kind: 'scalar', position, value, text: value }, end: at + quoted[0].length };
    }
    const text = (this.match(flowPlainPattern, at) ?? this.refuse())[0].trimEnd();
    if (text.includes(' #')) this.refuse();
    return { node: this.plain(text, position), end: at + text.length };
  }

  /** Spaces and line ends within a flow collection, whose further lines are indented more than its block. */
  private flowSpace(from: number, indent: number): number {
    let at = from;
    for (;;) {
      while (this.text[at] === ' ') at += 1;
      if (this.text[at] !== '\n') break;
      at += 1;
      this.line += 1;
      const line = this.lines[this.line];
      if (line === undefined || line.blank || line.indent <= indent) this.refuse();
    }
    if (this.text[at] === undefined || this.text[at] === '#') this.refuse();
    return at;
  }

  /** Nothing but a comment may follow in this line, and nothing may continue the value in the next. */
  private finishLine(from: number, indent: number): void {
    if (!/^ *(?: #.*)?$/.test(this.text.slice(from, this.lineEnd()))) this.refuse();
    this.nextLine();
    if ((this.lines[this.line]?.indent ?? 0) > indent) this.refuse();
  }

  /** The core schema's value of a plain scalar. */
  private resolve(text: string): Scalar {
    if (/^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,10})?$/.test(text) && !/^-0(?:\.0*)?$/.test(text)) return Number(text);
    if (text === 'true' || text === 'false') return text === 'true';
    if (
      /^(?:~|null|true|false|0o[0-7]+|0x[\da-f]+|[-+]?\.?(?:inf|nan)|[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:e[-+]?\d+)?)$/i.test(
        text,
      )
    ) {
      return this.refuse();
    }
    return text;
  }

  private match(pattern: RegExp, at: number): RegExpExecArray | undefined {
    pattern.lastIndex = at;
    return pattern.exec(this.text) ?? undefined;
  }

  private isDash(indent: number): boolean {
    const at = this.offset(indent);
    return this.text[at] === '-' && this.text[at + 1] === ' ';
  }

  private offset(indent: number): number {
    return this.lines[this.line]!.start + indent;
  }

  private lineEnd(): number {
    const end = this.text.indexOf('\n', this.lines[this.line]!.start);
    return end === -1 ? this.text.length : end;
  }

  private nextLine(): void {
    this.line += 1;
    this.skipBlank();
  }

  private skipBlank(): void {
    while (this.lines[this.line]?.blank === true) this.line += 1;
  }

  private position(at: number): ScalarNode['position'] {
    return { line: this.line + 1, column: at - this.lines[this.line]!.start + 1 };
  }

  private descend(): void {
    this.depth += 1;
    if (this.depth > deepestNesting - 2) this.refuse();
  }

  private refuse(): never {
    throw notPlain;
  }
}
