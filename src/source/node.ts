/** Where something stands in a file: lines and columns count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export type Scalar = string | number | boolean | null;

/** A value of a JSON or YAML file that knows where it stands. */
export type SourceNode = ScalarNode | ListNode | MappingNode;

interface ScalarNode {
  readonly kind: 'scalar';
  readonly position: Position;
  readonly value: Scalar;
  /** As the file writes it: `8.30` and `8.3` are one number and two versions. */
  readonly text: string;
}

interface ListNode {
  readonly kind: 'list';
  readonly position: Position;
  readonly items: readonly SourceNode[];
}

export interface MappingNode {
  readonly kind: 'mapping';
  readonly position: Position;
  /** In the file's order, which a JavaScript object does not keep for keys that look like numbers. */
  readonly entries: ReadonlyMap<string, MappingEntry>;
}

export interface MappingEntry {
  readonly keyPosition: Position;
  readonly node: SourceNode;
}

export type SourcePath = readonly (string | number)[];

/** The plain value of a node, as JSON.parse would give it. */
export function plainValue(node: SourceNode): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(plainValue);
  const object: Record<string, unknown> = {};
  for (const [key, entry] of node.entries) object[key] = plainValue(entry.node);
  return object;
}

/** The node at a path; undefined where the file has none. */
export function nodeAt(root: SourceNode, path: SourcePath): SourceNode | undefined {
  let node: SourceNode | undefined = root;
  for (const step of path) {
    if (node?.kind === 'mapping') node = node.entries.get(String(step))?.node;
    else if (node?.kind === 'list') node = node.items[Number(step)];
    else return undefined;
  }
  return node;
}

/** The line a reader would look for: of the key where the path ends in a mapping, else of the value, else of what holds it. */
export function lineAt(root: SourceNode, path: SourcePath): number {
  let node = root;
  let line = root.position.line;
  for (const step of path) {
    if (node.kind === 'mapping') {
      const entry = node.entries.get(String(step));
      if (entry === undefined) return line;
      line = entry.keyPosition.line;
      node = entry.node;
    } else {
      const item = node.kind === 'list' ? node.items[Number(step)] : undefined;
      if (item === undefined) return line;
      line = item.position.line;
      node = item;
    }
  }
  return line;
}
