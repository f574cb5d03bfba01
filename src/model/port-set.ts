/** An inclusive interval of TCP ports. */
export type PortInterval = readonly [first: number, last: number];

/**
 * A set of TCP ports, 0 to 65535, as sorted, disjoint, non-adjacent intervals. Every set that the functions of this
 * file return is in that form, so that two equal sets have equal text.
 */
export type PortSet = readonly PortInterval[];

export const noPorts: PortSet = [];
const highestPort = 65535;

/** Brings intervals in any order, overlapping or adjacent, into the form of a {@link PortSet}. */
export function portSet(intervals: Iterable<PortInterval>): PortSet {
  const sorted = [...intervals].sort((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const [first, last] of sorted) {
    const previous = merged.at(-1);
    if (previous !== undefined && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last);
    else merged.push([first, last]);
  }
  return merged;
}

export function singlePort(port: number): PortSet {
  return [[port, port]];
}

/** Reads `8563`, `20000-21000` or `20000-20499,20600`; undefined where the text is not a set of ports from 1 to 65535. */
export function parsePorts(text: string): PortSet | undefined {
  const intervals: PortInterval[] = [];
  let inOrder = true;
  let previous = -1;
  for (const part of text.split(',')) {
    const dash = part.indexOf('-');
    const first = portIn(dash === -1 ? part : part.slice(0, dash));
    const last = dash === -1 ? first : portIn(part.slice(dash + 1));
    if (first === undefined || last === undefined || first > last) return undefined;
    inOrder &&= first > previous + 1;
    previous = last;
    intervals.push([first, last]);
  }
  return inOrder ? intervals : portSet(intervals);
}

/** By its digits: a fast sweep's answers are hundreds of thousands of them, and a regular expression takes twice as long. */
function portIn(text: string): number | undefined {
  const digits = text.trim();
  let port = 0;
  for (let at = 0; at < digits.length; at += 1) {
    const digit = digits.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return undefined;
    port = port * 10 + digit;
  }
  return digits.length <= 5 && port >= 1 && port <= highestPort ? port : undefined;
}

/** The shortest text of a set, `20000-20499,20600`; the empty set is the empty text. */
export function formatPorts(ports: PortSet): string {
  return ports.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}

export function countPorts(ports: PortSet): number {
  let count = 0;
  for (const [first, last] of ports) count += last - first + 1;
  return count;
}

export function hasPort(ports: PortSet, port: number): boolean {
  return ports.some(([first, last]) => first <= port && port <= last);
}

export function unionPorts(...sets: readonly PortSet[]): PortSet {
  return portSet(sets.flat());
}

export function intersectPorts(a: PortSet, b: PortSet): PortSet {
  const common: PortInterval[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const [firstA, lastA] = a[i]!;
    const [firstB, lastB] = b[j]!;
    const first = Math.max(firstA, firstB);
    const last = Math.min(lastA, lastB);
    if (first <= last) common.push([first, last]);
    if (lastA < lastB) i++;
    else j++;
  }
  return common;
}

export function subtractPorts(from: PortSet, removed: PortSet): PortSet {
  const left: PortInterval[] = [];
  let j = 0;
  for (const [first, last] of from) {
    let start = first;
    while (j < removed.length && removed[j]![1] < start) j++;
    for (let k = j; k < removed.length && removed[k]![0] <= last; k++) {
      const [removedFirst, removedLast] = removed[k]!;
      if (removedFirst > start) left.push([start, removedFirst - 1]);
      start = Math.max(start, removedLast + 1);
    }
    if (start <= last) left.push([start, last]);
  }
  return left;
}

export function overlapPorts(a: PortSet, b: PortSet): boolean {
  return intersectPorts(a, b).length > 0;
}

/** Every port in ascending order. Intervals are the rule: this is for small sets only. */
export function* eachPort(ports: PortSet): Generator<number> {
  for (const [first, last] of ports) for (let port = first; port <= last; port++) yield port;
}
