import type { FactValue } from '../model/inventory.js';

/**
 * Compares numbers and dotted versions part by part, `8.4` before `8.31`; a missing part is 0, a leading `v` is ignored.
 * Undefined where one of them is neither.
 */
export function compareVersions(a: FactValue, b: FactValue): number | undefined {
  const partsA = partsOf(a);
  const partsB = partsOf(b);
  if (partsA === undefined || partsB === undefined) return undefined;
  for (let i = 0; i < Math.max(partsA.length, partsB.length); i++) {
    const difference = (partsA[i] ?? 0) - (partsB[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function partsOf(value: FactValue): readonly number[] | undefined {
  const text = String(value);
  return /^[vV]?\d+(\.\d+)*$/.test(text) ? text.replace(/^[vV]/, '').split('.').map(Number) : undefined;
}
