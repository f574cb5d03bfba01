import nodeModule from 'node:module';
import type { LineCounter, Node, Pair, YAMLMap } from 'yaml';
import type { MappingEntry, Position, Scalar, SourceNode } from './node.js';
import { type DuplicateKey, deepestNesting, forbiddenKey, type Parsed, positionsOf, SyntaxProblem } from './syntax.js';

/** What aliases may add to a file, in values: enough for a site's convenience, too little for a bomb. */
const aliasBudget = 10_000;

/** Loaded where it is needed: JSON inventories and the bundled scenarios spare a run its 40 ms. */
const library = () => nodeModule.createRequire(import.meta.url)('yaml') as typeof import('yaml');

/** Reads YAML 1.2 (core schema) with text as keys and without tags. Throws a {@link SyntaxProblem}. */
export function parseYaml(text: string): Parsed {
  const { LineCounter, isAlias, isMap, isScalar, isSeq } = library();
  const lines = new LineCounter();
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const tooDeep = hopelessNesting(text);
  if (tooDeep !== undefined) throw new SyntaxProblem(positionsOf(text)(tooDeep), nestedTooDeep);
  const document = parse(text, lines);
  const [error] = document.errors;
  if (error !== undefined) {
    throw new SyntaxProblem(position(error.pos[0]), sentences[error.code] ?? firstLine(error.message));
  }
  const [warning] = document.warnings;
  if (warning !== undefined) throw new SyntaxProblem(position(warning.pos[0]), firstLine(warning.message));
  if (document.contents === null) throw new SyntaxProblem({ line: 1, column: 1 }, 'the file is empty');
  const anchors = new Map<string, Node>();
  const duplicates: DuplicateKey[] = [];
  let aliased = 0;

  function convert(node: Node, depth: number, withinAlias: boolean): SourceNode {
    const at = position(node.range?.[0] ?? 0);
    if (depth > deepestNesting) throw new SyntaxProblem(at, nestedTooDeep);
    if (withinAlias && ++aliased > aliasBudget) {
      throw new SyntaxProblem(at, `aliases in this file expand to more than ${aliasBudget} values`);
    }
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target === undefined) throw new SyntaxProblem(at, `the alias *${node.source} names no anchor before it`);
      return convert(target, depth + 1, true);
    }
    if (node.tag?.startsWith('!')) {
      throw new SyntaxProblem(at, `the tag ${node.tag} is not known; tags are not used here`);
    }
    let converted: SourceNode;
    if (isMap(node)) converted = { kind: 'mapping', position: at, entries: entriesOf(node, depth, withinAlias) };
    else if (isSeq(node)) {
      const items = node.items.map((item) => convert(item as Node, depth + 1, withinAlias));
      converted = { kind: 'list', position: at, items };
    } else if (isScalar(node)) {
      converted = { kind: 'scalar', position: at, value: scalarOf(node.value), text: node.source ?? '' };
    } else throw new SyntaxProblem(at, 'expected a value');
    // Registered once complete: an alias inside its own anchor names nothing.
    if (node.anchor !== undefined) anchors.set(node.anchor, node);
    return converted;
  }

  function entriesOf(map: YAMLMap, depth: number, withinAlias: boolean): Map<string, MappingEntry> {
    const entries = new Map<string, MappingEntry>();
    for (const pair of map.items as Pair<Node, Node | null>[]) {
      const keyPosition = position(pair.key?.range?.[0] ?? map.range?.[0] ?? 0);
      const key = isScalar(pair.key) ? pair.key.value : undefined;
      if (typeof key !== 'string') {
        const written = isScalar(pair.key) && pair.key.source !== undefined ? ` ${pair.key.source}` : '';
        throw new SyntaxProblem(keyPosition, `the key${written} is not text; put it in quotes`);
      }
      if (key === forbiddenKey) throw new SyntaxProblem(keyPosition, `"${forbiddenKey}" cannot be a key`);
      const node: SourceNode =
        pair.value === null
          ? { kind: 'scalar', position: keyPosition, value: null, text: '' }
          : convert(pair.value, depth + 1, withinAlias);
      const earlier = entries.get(key);
      if (earlier === undefined) entries.set(key, { keyPosition, node });
      else duplicates.push({ key, position: keyPosition, first: earlier.keyPosition });
    }
    return entries;
  }

  return { root: convert(document.contents as Node, 0, false), duplicates };
}

const nestedTooDeep = `nested more than ${deepestNesting} levels deep`;

/** Where the parser's own message would puzzle. */
const sentences: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: 'expected one YAML document, found a second',
  RESOURCE_EXHAUSTION: nestedTooDeep,
};

function parse(text: string, lineCounter: LineCounter) {
  return library().parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: false, schema: 'core' });
}

/**
 * Where nesting begins that the parser, which descends by recursion, must not see: with some 800 levels it exhausts the
 * stack, which Node does not always survive. Brackets within quotes are counted too; nobody has 200 of them open.
 */
function hopelessNesting(text: string): number | undefined {
  let open = 0;
  for (const { 0: bracket, index } of text.matchAll(/[[\]{}]/g)) {
    open = bracket === '[' || bracket === '{' ? open + 1 : Math.max(0, open - 1);
    if (open > 2 * deepestNesting) return index;
  }
  const block = /^ {400}|(?:[-?:][ \t]+){200}/m.exec(text);
  return block?.index;
}

function scalarOf(value: unknown): Scalar {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0]!.replace(/[.:]$/, '');
}
