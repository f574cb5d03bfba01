import type { Materials } from '../../model/dialogue.js';
import type { Part, Step } from './settings.js';

/** What a step sends, and which parts of it nobody may see. `groups`: what the last pattern matched. */
export function toBytes(
  send: NonNullable<Step['send']>,
  groups: readonly string[],
  materials: Materials,
): { readonly bytes: Buffer; readonly secrets: readonly Buffer[] } {
  const parts = [send].flat();
  const encoded = parts.map((part) => encode(part, groups, materials));
  const secrets = encoded.filter((_, k) => isSecret(parts[k]!));
  return { bytes: Buffer.concat(encoded), secrets };
}

function encode(part: Part, groups: readonly string[], materials: Materials): Buffer {
  if (isSecret(part)) return Buffer.from(materials.secret(part));
  if (typeof part !== 'string') return Buffer.from(part.hex.replaceAll(/\s/g, ''), 'hex');
  // Every other piece is the number of a group. What was matched goes back byte by byte as it came.
  const pieces = part.split(/\$\{(\d)\}/);
  return Buffer.concat(
    pieces.map((piece, k) => (k % 2 === 0 ? Buffer.from(piece) : Buffer.from(groups[Number(piece)] ?? '', 'latin1'))),
  );
}

function isSecret(part: Part): part is { readonly env: string } {
  return typeof part === 'object' && 'env' in part;
}
