import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { pathOf } from '../lab/interpreters.js';

const source = fileURLToPath(new URL('../../test/bench/floor.c', import.meta.url));

/** Compiles the C loop into a folder and gives the program's path; undefined where there is no compiler. */
export async function compileFloor(folder: string): Promise<string | undefined> {
  if (pathOf('cc') === undefined) return undefined;
  const program = `${folder}/floor`;
  await execa('cc', ['-O2', '-o', program, source]);
  return program;
}
