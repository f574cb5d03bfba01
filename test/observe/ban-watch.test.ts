import test from 'ava';
import type { Answer } from '#src/model/observation.js';
import { formatPorts, parsePorts } from '#src/model/port-set.js';
import { BanWatch } from '#src/observe/ban-watch.js';

const refused: Answer = { kind: 'error', errno: 'ECONNREFUSED' };
const silence: Answer = { kind: 'silence', afterMs: 3500 };

function watch(told: readonly (readonly [atMs: number, ports: string, answer: Answer])[]) {
  const watched = new BanWatch(3500);
  for (const [atMs, ports, answer] of told)
    watched.note('db', { type: 'answers', item: 0, address: '10.0.0.1', ports: parsePorts(ports)!, answer }, atMs);
  return watched;
}

const silentOf = (watched: BanWatch) =>
  watched.suspects().flatMap(({ silences }) => silences.map(({ ports }) => formatPorts(ports)));

test('answers that stop for good are suspect, and what was silent before they did is not', (t) => {
  const watched = watch([
    [1000, '1-10', refused],
    [4000, '11-20', refused],
    [4900, '30-34', silence],
    [8000, '100-150', silence],
    [9000, '151-160', silence],
  ]);
  t.deepEqual(silentOf(watched), ['100-150', '151-160']);
  const [suspect] = watched.suspects();
  t.is(formatPorts(suspect!.known), '1,11');
  watched.forget(suspect!);
  t.deepEqual(watched.suspects(), []);
});

test('a rule that drops many of an address that goes on answering is none', (t) => {
  t.deepEqual(
    silentOf(
      watch([
        [1000, '1-10', refused],
        [5000, '100-150', silence],
        [6000, '11', refused],
      ]),
    ),
    [],
  );
});

test('few silent ports at the end, and an address that never answered, say nothing', (t) => {
  t.deepEqual(
    silentOf(
      watch([
        [1000, '1-10', refused],
        [9000, '100-110', silence],
      ]),
    ),
    [],
  );
  t.deepEqual(silentOf(watch([[9000, '100-1100', silence]])), []);
});
