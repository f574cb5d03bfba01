import { ExpectedError } from '../model/errors.js';
import type { SourcePath } from './node.js';
import type { SourceDocument } from './read.js';

interface Problem {
  /** Undefined for what stands in no file: the command line, a file that cannot be read. */
  readonly file: string | undefined;
  readonly line: number;
  readonly text: string;
}

/** Gathers what is wrong with the files a user wrote, so that all of it is reported at once. */
export class Problems {
  private readonly found: Problem[] = [];

  get count(): number {
    return this.found.length;
  }

  /** `WHAT at FILE:LINE; THEN`: what was found at a path of a document, then what was expected or is to be done. */
  add(document: SourceDocument, path: SourcePath, what: string, then?: string): void {
    this.addAtLine(document, document.lineOf(path), what, then);
  }

  /** The same where a line is known instead of a path. */
  addAtLine(document: SourceDocument, line: number, what: string, then?: string): void {
    const text = `${what} at ${document.file}:${line}${then === undefined ? '' : `; ${then}`}`;
    this.found.push({ file: document.file, line, text });
  }

  /** Adds a whole sentence about something that stands in no file; such sentences come first. */
  say(text: string): void {
    this.found.push({ file: undefined, line: 0, text });
  }

  /** Throws one {@link ExpectedError} with a line for each problem, file by file, in the order of their lines. */
  throwIfAny(): void {
    if (this.found.length === 0) return;
    const files = [undefined, ...new Set(this.found.map((problem) => problem.file))];
    const rank = new Map(files.toReversed().map((file, index) => [file, files.length - index]));
    const sorted = [...this.found].sort((a, b) => rank.get(a.file)! - rank.get(b.file)! || a.line - b.line);
    throw new ExpectedError([...new Set(sorted.map((problem) => problem.text))].join('\n'));
  }
}
