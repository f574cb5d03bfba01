import { readPackaged } from '../packaged.js';

/** A program that is sent to a node: one of several that do the same, by what the node can run. */
export interface RemoteProgram {
  /** What bootstrap.sh knows its interpreter by. */
  readonly name: string;
  /** The packaged files that make it, in their order. */
  readonly files: readonly string[];
  /** The variable of bootstrap.sh that carries it. */
  readonly variable: string;
}

const texts = new Map<string, string>();

/** Read once a run, not once a node. */
function stripped(file: string): string {
  const text = texts.get(file) ?? withoutComments(readPackaged(file));
  texts.set(file, text);
  return text;
}

/** A program as it is sent. */
export function programText({ files }: Pick<RemoteProgram, 'files'>): string {
  return files.map(stripped).join('\n');
}

/** Whole lines of comment and blank lines, which python, perl and sh all allow to be left out. */
function withoutComments(text: string): string {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.trimStart().startsWith('#'))
    .join('\n');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * The script for `sh -s`: it chooses an interpreter on the node, and the program that it runs prints its ready line.
 * `programs` are tried in their order; where none can run, the script prints the node's facts and ends, or with `stay`
 * waits for {@link furtherScript}.
 */
export function bootstrapScript(nonce: string, programs: readonly RemoteProgram[], stay = false): string {
  const assignments = [`nonce=${quoted(nonce)}`, `stay=${stay ? 1 : ''}`, ...carrying(programs)];
  return `${assignments.join('\n')}\n${stripped('src/remote/bootstrap.sh')}\n`;
}

/** More programs for a bootstrap script that stayed; it ends where none of them can run either. */
export function furtherScript(programs: readonly RemoteProgram[]): string {
  return `${carrying(programs).join('\n')}\nmain; exit 0\n`;
}

function carrying(programs: readonly RemoteProgram[]): readonly string[] {
  return [
    `engines=${quoted(programs.map(({ name }) => name).join(' '))}`,
    ...programs.map((program) => `${program.variable}=${quoted(programText(program))}`),
  ];
}
