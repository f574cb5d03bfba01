import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ExpectedError } from '../model/errors.js';
import { parseJson } from './json.js';
import { lineAt, plainValue, type SourceNode, type SourcePath } from './node.js';
import { type DuplicateKey, type Parsed, SyntaxProblem } from './syntax.js';
import { parseYaml } from './yaml.js';

/** A JSON or YAML file, read: its value, and where everything in it stands. */
export interface SourceDocument {
  /** As the user gave it. */
  readonly file: string;
  readonly sha256: string;
  readonly root: SourceNode;
  readonly value: unknown;
  readonly duplicates: readonly DuplicateKey[];
  /** Parsed, and checked against its schema, when the package was built. */
  readonly checkedAhead: boolean;
  /** The line where the value at this path, or its key, is written. */
  lineOf(path: SourcePath): number;
}

/** Reads a file: `.json` strictly as JSON, `.yaml` and `.yml` as YAML, another (a pipe) by its first character. */
export function readSource(file: string): SourceDocument {
  return parseSource(file, readText(file));
}

/**
 * The same for a text that was read already; `file` names it in messages. `parsedAhead` may know the tree of a text
 * that is known to be right by the text's SHA-256.
 */
export function parseSource(
  file: string,
  text: string,
  parsedAhead: (sha256: string) => SourceNode | undefined = () => undefined,
): SourceDocument {
  const sha256 = createHash('sha256').update(text).digest('hex');
  const known = parsedAhead(sha256);
  const { root, duplicates } = known === undefined ? parseContent(file, text) : { root: known, duplicates: [] };
  return {
    file,
    sha256,
    root,
    value: plainValue(root),
    duplicates,
    checkedAhead: known !== undefined,
    lineOf: (path) => lineAt(root, path),
  };
}

function isJson(file: string, content: string): boolean {
  if (/\.json$/i.test(file)) return true;
  return !/\.ya?ml$/i.test(file) && /^\s*[{[]/.test(content);
}

function parseContent(file: string, text: string): Parsed {
  const content = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const json = isJson(file, content);
  try {
    return json ? parseJson(content) : parseYaml(content);
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    const { line, column } = error.position;
    const misnamed = json && /^\s*[^{[\s]/.test(content) ? '; if it is YAML, its name has to end in .yaml' : '';
    throw new ExpectedError(
      `${file}:${line}:${column}: not valid ${json ? 'JSON' : 'YAML'}: ${error.message}${misnamed}`,
    );
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  ENOTDIR: 'part of its path is not a directory',
};

function readText(file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(file));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
      throw new ExpectedError(`cannot read ${file}: it is not UTF-8 text`);
    if (error instanceof Error && 'syscall' in error) {
      throw new ExpectedError(`cannot read ${file}: ${reasons[code] ?? error.message}`);
    }
    throw error;
  }
}
