import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// The only module that reads files of the package itself.

// Looked for upwards, because this module may run as a file of its own or as a part of the bundle.
const root = packageRoot(dirname(fileURLToPath(import.meta.url)));

function packageRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('no package.json above the program: the installation is incomplete');
  return packageRoot(parent);
}

/** The path of a file that ships with the package, `scenarios/exasol.yaml`. */
export function packagedPath(file: string): string {
  return join(root, file);
}

export function readPackaged(file: string): string {
  return readFileSync(packagedPath(file), 'utf8');
}

/** The names of the files in a folder that ships with the package. */
export function packagedFiles(folder: string): readonly string[] {
  return readdirSync(packagedPath(folder));
}

/** The package's version, `0.1.0`. */
export function packageVersion(): string {
  return (JSON.parse(readPackaged('package.json')) as { version: string }).version;
}
