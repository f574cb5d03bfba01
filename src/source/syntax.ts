import type { Position, SourceNode } from './node.js';

/** A file that is not the JSON or YAML it should be. The reader gives it the file's name. */
export class SyntaxProblem extends Error {
  override readonly name = 'SyntaxProblem';
  readonly position: Position;

  constructor(position: Position, message: string) {
    super(message);
    this.position = position;
  }
}

/** A key that a mapping has already: the later entry is left out of the value. */
export interface DuplicateKey {
  readonly key: string;
  readonly position: Position;
  readonly first: Position;
}

/** What a parser makes of a text. Duplicates do not stop it, so that they are reported beside all else that is wrong. */
export interface Parsed {
  readonly root: SourceNode;
  readonly duplicates: readonly DuplicateKey[];
}

/** Far more than any inventory needs, far less than what overflows the stack. */
export const deepestNesting = 100;

/** The key that JavaScript objects do not take for their own. */
export const forbiddenKey = '__proto__';

/** Turns offsets into lines and columns. */
export function positionsOf(text: string): (offset: number) => Position {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - starts[low]! + 1 };
  };
}
