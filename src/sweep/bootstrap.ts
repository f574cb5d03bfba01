import type { EngineName } from '../model/engine.js';
import { readPackaged } from '../packaged.js';
import { programEngines } from './engines.js';

/** Whole lines of comment and blank lines, which python, perl and sh all allow to be left out. */
function withoutComments(program: string): string {
  return program
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.trimStart().startsWith('#'))
    .join('\n');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * The script for `sh -s`: it chooses an interpreter on the node, becomes it, and the program in it prints its ready
 * line. With `only`, no other engine is tried; `dial` tries none and prints the facts.
 */
export function bootstrapScript(nonce: string, only: EngineName | undefined): string {
  const engines = programEngines.filter(({ name }) => only === undefined || name === only);
  const assignments = [
    `nonce=${quoted(nonce)}`,
    `engines=${quoted(engines.map(({ name }) => name).join(' '))}`,
    ...engines.map(({ variable, file }) => `${variable}=${quoted(withoutComments(readPackaged(file)))}`),
  ];
  return `${assignments.join('\n')}\n${withoutComments(readPackaged('src/remote/bootstrap.sh'))}\n`;
}
