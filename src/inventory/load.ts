import { existsSync } from 'node:fs';
import { ExpectedError } from '../model/errors.js';
import { Problems } from '../source/problems.js';
import { parseSource, readSource, type SourceDocument } from '../source/read.js';
import { validate } from '../source/validate.js';
import { buildInventory, type LoadedInventory } from './build.js';
import { inventorySchema } from './schema.js';

export type { LoadedInventory } from './build.js';

/** Reads an inventory, the problems left to the caller; what comes back beside problems is only good for finding more. */
export function readInventory(file: string, problems: Problems): LoadedInventory | undefined {
  return inventoryFrom(readSource(file), problems);
}

/** An inventory from a text; `file` names it in messages and is where relative scenario files are looked for. */
export function parseInventory(file: string, text: string): LoadedInventory {
  const problems = new Problems();
  const inventory = inventoryFrom(parseSource(file, text), problems);
  problems.throwIfAny();
  return inventory!;
}

function inventoryFrom(document: SourceDocument, problems: Problems): LoadedInventory | undefined {
  const valid = validate(inventorySchema, document, problems);
  return valid === undefined ? undefined : buildInventory(valid.value, valid.document, problems);
}

const defaultFiles = ['inventory.json', 'inventory.yaml', 'inventory.yml'];

/** The inventory of the working directory, where none is named. */
export function defaultInventory(): string {
  const [file, second] = defaultFiles.filter((name) => existsSync(name));
  if (file === undefined) {
    throw new ExpectedError(
      'there is no inventory.json or inventory.yaml in this directory; name one with --inventory FILE, or start from inventory.example.json',
    );
  }
  if (second !== undefined) {
    throw new ExpectedError(`there are both ${file} and ${second} in this directory; say which with --inventory FILE`);
  }
  return file;
}
