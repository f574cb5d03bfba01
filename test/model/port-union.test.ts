import test from 'ava';
import fc from 'fast-check';
import { formatPorts, portSet, singlePort } from '#src/model/port-set.js';
import { PortUnion } from '#src/model/port-union.js';

test('however sets are added, the union is theirs', (t) => {
  const interval = fc
    .tuple(fc.nat({ max: 65_535 }), fc.nat({ max: 300 }))
    .map(([first, more]): [number, number] => [first, Math.min(first + more, 65_535)]);
  const sets = fc.array(fc.array(interval, { maxLength: 5 }), { maxLength: 100 });
  fc.assert(
    fc.property(sets, fc.nat(), (added, pause) => {
      const union = new PortUnion();
      for (const [index, set] of added.entries()) {
        union.add(portSet(set));
        // Asked for in between, it goes on growing.
        if (index === pause % 100) union.ports();
      }
      return formatPorts(union.ports()) === formatPorts(portSet(added.flat()));
    }),
  );
  t.deepEqual(new PortUnion().ports(), []);
});

test('every second port of all, one by one and in disorder, and then the others', (t) => {
  const union = new PortUnion();
  // 40503 is prime to 32768: every even port comes up once.
  for (let i = 0; i < 32_768; i++) union.add(singlePort(((i * 40_503) % 32_768) * 2));
  t.is(union.ports().length, 32_768);
  for (let port = 65_535; port > 0; port -= 2) union.add(singlePort(port));
  t.deepEqual(union.ports(), [[0, 65_535]]);
});
