import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// The only module that reads files of the package itself, so that a single-file build can replace it.

/** The path of a file that ships with the package, `scenarios/exasol.yaml`. */
export function packagedPath(file: string): string {
  return fileURLToPath(new URL(`../${file}`, import.meta.url));
}

export function readPackaged(file: string): string {
  return readFileSync(packagedPath(file), 'utf8');
}

/** The names of the files in a folder that ships with the package. */
export function packagedFiles(folder: string): readonly string[] {
  const path = packagedPath(folder);
  return existsSync(path) ? readdirSync(path) : [];
}

/** The package's version, `0.1.0`. */
export function packageVersion(): string {
  return (JSON.parse(readPackaged('package.json')) as { version: string }).version;
}
