import test from 'ava';
import fc from 'fast-check';
import type { Answer, TargetObservation } from '#src/model/observation.js';
import { type PortInterval, portSet } from '#src/model/port-set.js';
import { ByteReader, ByteWriter } from '#src/observe/bytes.js';
import { Collector } from '#src/observe/collector.js';
import { Packer } from '#src/observe/packed.js';

const intervals = fc.array(
  fc
    .tuple(fc.integer({ min: 0, max: 65_000 }), fc.integer({ min: 0, max: 535 }))
    .map(([first, more]): PortInterval => [first, first + more]),
  { maxLength: 6 },
);
const ports = intervals.map(portSet);
const answers = fc.oneof(
  fc.constant<Answer>({ kind: 'connected' }),
  fc.constant<Answer>({ kind: 'error', errno: 'ECONNREFUSED' }),
  fc.integer({ min: 0, max: 9000 }).map((afterMs): Answer => ({ kind: 'silence', afterMs })),
  fc.string().map((detail): Answer => ({ kind: 'untried', cause: 'engine-failed', detail })),
);
const histograms = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 1, max: 70_000 })), {
    selector: ([bucket]) => bucket,
  })
  .map((buckets) => [...buckets].sort(([a], [b]) => a - b))
  .chain((buckets) => fc.record({ buckets: fc.constant(new Map(buckets)), minUs: fc.nat(), maxUs: fc.nat() }));
const port = fc.integer({ min: 1, max: 65_535 });
// To the microsecond, as they are packed.
const milliseconds = fc.nat({ max: 60_000_000 }).map((us) => us / 1000);
const phases = fc.record(
  { resolve: milliseconds, connect: milliseconds, tls: milliseconds, firstByte: milliseconds },
  { requiredKeys: [] },
);
const service = fc.option(fc.string(), { nil: undefined });
const via = fc.record({ authority: fc.string(), address: fc.option(fc.string(), { nil: undefined }) });
const addresses = fc.record({
  address: fc.oneof(fc.ipV4(), fc.ipV6()),
  sourceAddress: fc.option(fc.ipV4(), { nil: undefined }),
  segments: fc.array(fc.record({ ports, answer: answers }), { maxLength: 4 }),
  spoken: fc.array(
    fc.record(
      { port, service, answer: answers, phases, via },
      { requiredKeys: ['port', 'service', 'answer', 'phases'] },
    ),
    { maxLength: 3 },
  ),
  latencies: fc.array(fc.record({ ports, histogram: histograms }), { maxLength: 2 }),
});
const observations = fc.record({
  target: fc.string(),
  nameFailure: fc.option(fc.string(), { nil: undefined }),
  addresses: fc.array(addresses, { maxLength: 3 }),
});
const sources = fc.array(fc.uniqueArray(observations, { selector: ({ target }) => target, maxLength: 8 }), {
  maxLength: 4,
});

const byTarget = (seen: readonly TargetObservation[]) => new Map(seen.map((each) => [each.target, each]));

test('what was packed is unpacked the same, whatever other sources saw', (t) => {
  fc.assert(
    fc.property(sources, (seen) => {
      const packer = new Packer();
      const packed = seen.map((ofSource) => packer.pack(byTarget(ofSource)));
      for (const [index, ofSource] of seen.entries()) {
        const own = packed[index]!;
        t.is(own.size, ofSource.length);
        for (const each of ofSource) t.deepEqual(own.get(each.target), each);
        const texts = (all: Iterable<TargetObservation>) => [...all].map(({ target }) => target).sort();
        t.deepEqual(texts(own.values()), texts(ofSource));
      }
    }),
  );
});

test('a target that a source did not try is not there, though another source did', (t) => {
  const packer = new Packer();
  packer.pack(byTarget([{ target: '10.0.0.1', nameFailure: undefined, addresses: [] }]));
  const other = packer.pack(byTarget([{ target: '10.0.0.2', nameFailure: undefined, addresses: [] }]));
  t.is(other.get('10.0.0.1'), undefined);
  t.is(other.get('10.0.0.3'), undefined);
});

test('numbers of every size are read back', (t) => {
  fc.assert(
    fc.property(fc.array(fc.maxSafeNat()), (numbers) => {
      const writer = new ByteWriter();
      for (const number of numbers) writer.put(number);
      const reader = new ByteReader(writer.take(), 0);
      t.deepEqual(
        numbers.map(() => reader.next()),
        numbers,
      );
    }),
  );
});

test('reading on where nothing was written is a bug, and says so', (t) => {
  t.throws(() => new ByteReader(new Uint8Array(0), 0).next(), { message: 'read beyond what was written' });
});

test('memory does not grow with ports: what is kept of one answer is as long for 10 ports as for 65,535', (t) => {
  const keep = (last: number) => {
    const gathered = new Collector();
    for (let port = 1; port <= last; port++) {
      // 27,197 is prime to both numbers: every port once, in disorder.
      const each = 1 + ((port * 27_197) % last);
      gathered.answers('10.0.0.1', '10.0.0.1', [[each, each]], { kind: 'error', errno: 'ECONNREFUSED' });
    }
    return new Packer().pack(gathered.observations()).get('10.0.0.1')!.addresses[0]!.segments;
  };
  for (const last of [10, 65_535])
    t.deepEqual(keep(last), [{ ports: [[1, last]], answer: { kind: 'error', errno: 'ECONNREFUSED' } }]);
});

test('answers that alternate from port to port are kept to the port', (t) => {
  const gathered = new Collector();
  for (let port = 1; port <= 65_535; port++) {
    const answer: Answer = port % 2 === 0 ? { kind: 'connected' } : { kind: 'silence', afterMs: 3500 };
    gathered.answers('10.0.0.1', '10.0.0.1', [[port, port]], answer);
  }
  const { segments } = new Packer().pack(gathered.observations()).get('10.0.0.1')!.addresses[0]!;
  t.deepEqual(
    segments.map(({ answer, ports: seen }) => [answer.kind, seen.length, seen[0]![0], seen.at(-1)![1]]),
    [
      ['silence', 32_768, 1, 65_535],
      ['connected', 32_767, 2, 65_534],
    ],
  );
  t.true(segments.every(({ ports: seen }) => seen.every(([first, last]) => first === last)));
});
