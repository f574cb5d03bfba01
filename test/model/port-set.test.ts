import test from 'ava';
import fc from 'fast-check';
import {
  countPorts,
  eachPort,
  formatPorts,
  hasPort,
  intersectPorts,
  overlapPorts,
  type PortInterval,
  type PortSet,
  parsePorts,
  portSet,
  singlePort,
  subtractPorts,
  unionPorts,
} from '#src/model/port-set.js';

// Close together, so that intervals touch, overlap and contain one another; and the two ends of the range of ports.
const port = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 65530, max: 65535 }));
const interval: fc.Arbitrary<PortInterval> = fc
  .tuple(port, fc.integer({ min: 0, max: 8 }))
  .map(([first, more]) => [first, Math.min(first + more, 65535)]);
const intervals = fc.array(interval, { maxLength: 8 });
const sets = intervals.map(portSet);

/** The same set as JavaScript knows sets: one element a port. */
function naive(list: readonly PortInterval[]): Set<number> {
  const ports = new Set<number>();
  for (const [first, last] of list) for (let each = first; each <= last; each++) ports.add(each);
  return ports;
}

const sorted = (ports: Iterable<number>): number[] => [...ports].sort((a, b) => a - b);

function isCanonical(ports: PortSet): boolean {
  return ports.every(([first, last], i) => first <= last && (i === 0 || ports[i - 1]![1] + 1 < first));
}

test('portSet keeps exactly the ports it was given, in sorted, disjoint, non-adjacent intervals', (t) => {
  fc.assert(
    fc.property(intervals, (list) => {
      const ports = portSet(list);
      t.true(isCanonical(ports));
      t.deepEqual([...eachPort(ports)], sorted(naive(list)));
    }),
  );
  t.pass();
});

test('portSet leaves its argument as it was', (t) => {
  const list: PortInterval[] = [
    [5, 9],
    [1, 6],
  ];
  portSet(list);
  t.deepEqual(list, [
    [5, 9],
    [1, 6],
  ]);
});

test('countPorts and hasPort agree with a plain set', (t) => {
  fc.assert(
    fc.property(sets, port, (ports, wanted) => {
      t.is(countPorts(ports), naive(ports).size);
      t.is(hasPort(ports, wanted), naive(ports).has(wanted));
    }),
  );
  t.true(hasPort(singlePort(22), 22));
  t.false(hasPort([], 22));
});

test('union, intersection and difference agree with a plain set and are canonical', (t) => {
  fc.assert(
    fc.property(sets, sets, (a, b) => {
      const [plainA, plainB] = [naive(a), naive(b)];
      const both = [...plainA].filter((each) => plainB.has(each));
      const onlyA = [...plainA].filter((each) => !plainB.has(each));
      for (const [actual, expected] of [
        [unionPorts(a, b), [...plainA, ...onlyA, ...plainB]],
        [intersectPorts(a, b), both],
        [subtractPorts(a, b), onlyA],
      ] as const) {
        t.true(isCanonical(actual));
        t.deepEqual([...eachPort(actual)], sorted(new Set(expected)));
      }
      t.is(overlapPorts(a, b), both.length > 0);
    }),
    { numRuns: 1000 },
  );
});

test('equal sets have equal text, and the text reads back as the set', (t) => {
  fc.assert(
    fc.property(intervals, (list) => {
      const ports = portSet(list);
      t.is(formatPorts(ports), formatPorts(portSet([...list].reverse())));
      if (ports.length > 0) t.deepEqual(parsePorts(formatPorts(ports)), ports);
    }),
  );
  t.is(formatPorts([]), '');
});

test('parsePorts reads numbers, ranges and lists of them', (t) => {
  t.deepEqual(parsePorts('8563'), [[8563, 8563]]);
  t.deepEqual(parsePorts('20000-21000'), [[20000, 21000]]);
  t.deepEqual(parsePorts(' 20600 , 20000 - 20499,20500'), [
    [20000, 20500],
    [20600, 20600],
  ]);
  t.deepEqual(parsePorts('1-65535'), [[1, 65535]]);
});

for (const text of [
  '',
  ' ',
  ',',
  '80,',
  '0',
  '65536',
  '99999',
  '21000-20000',
  '1-',
  '-1',
  '1-2-3',
  '80 81',
  '8e3',
  '٨',
]) {
  test(`parsePorts refuses ${JSON.stringify(text)}`, (t) => {
    t.is(parsePorts(text), undefined);
  });
}
