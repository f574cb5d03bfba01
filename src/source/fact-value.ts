import * as z from 'zod';
import { nodeAt, type SourcePath } from './node.js';
import type { Problems } from './problems.js';
import type { SourceDocument } from './read.js';

/** A fact's value. */
export const factValue = z
  .union([z.string().min(1), z.number(), z.boolean()], { error: 'text, a number, or true or false' })
  .meta({ description: 'Text, a number, true or false. A version goes in quotes: 8.30 as a number is 8.3.' });

/** Refuses numbers that reading changes, `8.30`: it was probably a version. */
export function refuseShortened(document: SourceDocument, path: SourcePath, problems: Problems): void {
  const node = nodeAt(document.root, path);
  if (node?.kind !== 'scalar' || typeof node.value !== 'number' || String(node.value) === node.text) return;
  const sentence = `${path.join('.')} is the number ${node.text}, which is the same as ${node.value}`;
  problems.add(document, path, sentence, `a version goes in quotes: "${node.text}"`);
}
