/**
 * The order in which probes are made: every index below `total` once, neighbours far apart, in constant memory whatever
 * the total. The remote programs compute the same, so that a seed means one order on every engine.
 */
export function* probeOrder(total: number, seed: number): Generator<number> {
  if (total === 0) return;
  // About the golden ratio's share of the whole: consecutive probes fall on distant targets.
  let step = 1 + ((Math.floor((total * 618034) / 1000000) + seed) % total);
  while (greatestCommonDivisor(step, total) !== 1) step++;
  let index = seed % total;
  for (let left = total; left > 0; left--) {
    yield index;
    index = (index + step) % total;
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}
