import type { Position, Scalar, SourceNode } from './node.js';

/** A tree with its positions as JSON can hold it: a scalar, a list of items, or a list of keys with their nodes. */
export type TreeJson =
  | readonly ['s', line: number, column: number, value: Scalar, text: string]
  | readonly ['l', line: number, column: number, items: readonly TreeJson[]]
  | readonly ['m', line: number, column: number, entries: readonly (readonly [string, number, number, TreeJson])[]];

export function toTreeJson(node: SourceNode): TreeJson {
  const { line, column } = node.position;
  switch (node.kind) {
    case 'scalar':
      return ['s', line, column, node.value, node.text];
    case 'list':
      return ['l', line, column, node.items.map(toTreeJson)];
    case 'mapping': {
      const entries = [...node.entries].map(
        ([key, { keyPosition, node: value }]) =>
          [key, keyPosition.line, keyPosition.column, toTreeJson(value)] as const,
      );
      return ['m', line, column, entries];
    }
  }
}

export function fromTreeJson(tree: TreeJson): SourceNode {
  const position: Position = { line: tree[1], column: tree[2] };
  switch (tree[0]) {
    case 's':
      return { kind: 'scalar', position, value: tree[3], text: tree[4] };
    case 'l':
      return { kind: 'list', position, items: tree[3].map(fromTreeJson) };
    case 'm': {
      const entries = tree[3].map(
        ([key, line, column, value]) => [key, { keyPosition: { line, column }, node: fromTreeJson(value) }] as const,
      );
      return { kind: 'mapping', position, entries: new Map(entries) };
    }
  }
}
