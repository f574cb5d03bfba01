import type { EngineName } from '../model/engine.js';
import { readPackaged } from '../packaged.js';
import { programEngines } from './engines.js';

const programs = new Map<string, string>();

/** Read once a run, not once a node. */
function program(file: string): string {
  const text = programs.get(file) ?? withoutComments(readPackaged(file));
  programs.set(file, text);
  return text;
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
 * The script for `sh -s`: it chooses an interpreter on the node, becomes it, and the program in it prints its ready
 * line. With `only`, no other engine is tried; `dial` tries none and prints the facts.
 */
export function bootstrapScript(nonce: string, only: EngineName | undefined): string {
  const engines = programEngines.filter(({ name }) => only === undefined || name === only);
  const assignments = [
    `nonce=${quoted(nonce)}`,
    `engines=${quoted(engines.map(({ name }) => name).join(' '))}`,
    ...engines.map(({ variable, file }) => `${variable}=${quoted(program(file))}`),
  ];
  return `${assignments.join('\n')}\n${program('src/remote/bootstrap.sh')}\n`;
}
