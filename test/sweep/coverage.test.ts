import test from 'ava';
import fc from 'fast-check';
import type { Answer } from '#src/model/observation.js';
import { countPorts, formatPorts, type PortSet, parsePorts, portSet, subtractPorts } from '#src/model/port-set.js';
import type { SweepEvent } from '#src/model/sweep.js';
import { Coverage } from '#src/sweep/coverage.js';
import { giveUp, interrupted } from '#src/sweep/remainder.js';

const refused: Answer = { kind: 'error', errno: 'ECONNREFUSED' };

function item(id: number, target: string, ports: string) {
  return { id, target, ports: ports === '' ? [] : parsePorts(ports)!, allowOwnAddress: false };
}

function answers(id: number, address: string, ports: PortSet): SweepEvent {
  return { type: 'answers', item: id, address, ports, answer: refused };
}

const text = (coverage: Coverage) =>
  coverage.remainders().map(({ item: id, address, ports }) => `${id} ${address} ${formatPorts(ports)}`);

test('what remains is everything that was not answered, to the port', (t) => {
  const ports = fc.array(fc.tuple(fc.integer({ min: 1, max: 300 }), fc.nat({ max: 40 })), { maxLength: 2500 });
  fc.assert(
    fc.property(ports, (pairs) => {
      const coverage = new Coverage([item(0, '10.0.0.1', '50-250')]);
      const said = pairs.map(([first, more]): [number, number] => [first, first + more]);
      for (const interval of said) coverage.note(answers(0, '10.0.0.1', [interval]));
      const expected = formatPorts(subtractPorts([[50, 250]], portSet(said)));
      return text(coverage).join() === (expected === '' ? '' : `0 10.0.0.1 ${expected}`);
    }),
    { numRuns: 50 },
  );
  t.pass();
});

test('many small answers are remembered as intervals, and none is forgotten', (t) => {
  const coverage = new Coverage([item(0, '10.0.0.1', '1-20000')]);
  for (let port = 1; port <= 20000; port += 2) coverage.note(answers(0, '10.0.0.1', [[port, port]]));
  t.is(countPorts(coverage.remainders()[0]!.ports), 10000);
  for (let port = 2; port <= 20000; port += 2) coverage.note(answers(0, '10.0.0.1', [[port, port]]));
  t.deepEqual(coverage.remainders(), []);
});

test('items of one address are counted apart', (t) => {
  const coverage = new Coverage([item(0, '10.0.0.1', '1-2'), item(1, '10.0.0.1', '1-2')]);
  coverage.note(answers(1, '10.0.0.1', [[1, 2]]));
  t.deepEqual(text(coverage), ['0 10.0.0.1 1-2']);
});

test('a name remains under its own name until it is resolved, then at every address', (t) => {
  const coverage = new Coverage([item(0, 'db', '1-2'), item(1, 'ldap', '')]);
  t.deepEqual(text(coverage), ['0 db 1-2', '1 ldap ']);
  coverage.note({ type: 'resolved', item: 0, addresses: ['10.0.0.1', '10.0.0.2'] });
  coverage.note({ type: 'resolved', item: 1, addresses: ['10.0.0.3'] });
  coverage.note(answers(0, '10.0.0.2', [[1, 2]]));
  t.deepEqual(text(coverage), ['0 10.0.0.1 1-2']);
});

test('nothing remains of a name that the resolver does not know', (t) => {
  const coverage = new Coverage([item(0, 'db', '1-2')]);
  coverage.note({ type: 'name-failure', item: 0, detail: 'not known' });
  t.deepEqual(text(coverage), []);
});

test('giving up reports each remainder once and counts its probes', (t) => {
  const coverage = new Coverage([item(0, '10.0.0.1', '1-9'), item(1, 'ldap', '')]);
  coverage.note(answers(0, '10.0.0.1', [[1, 4]]));
  const events: SweepEvent[] = [];
  giveUp(coverage, interrupted, (event) => events.push(event));
  t.deepEqual(events, [
    { type: 'answers', item: 0, address: '10.0.0.1', ports: [[5, 9]], answer: interrupted },
    { type: 'answers', item: 1, address: 'ldap', ports: [], answer: interrupted },
    { type: 'progress', probes: 5 },
  ]);
});
