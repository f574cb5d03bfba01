import test from 'ava';
import fc from 'fast-check';
import { eachPort, formatPorts, type PortSet } from '#src/model/port-set.js';
import { RuleMerger } from '#src/rules/merge.js';
import { type ProposedRule, partyOf, purposeOf } from '#src/rules/request.js';
import { ports } from '../plan/builders.js';

const purposes = ['a', 'b', 'c'].map((flow) => purposeOf(flow, `The flow ${flow}`, 'error', [`row ${flow}`]));
const party = (name: string) => partyOf(name, name);

interface Want {
  readonly from: string;
  readonly to: string;
  readonly ports: PortSet;
  readonly purpose: number;
}

function merged(wants: readonly Want[]): readonly ProposedRule[] {
  const merger = new RuleMerger();
  for (const { from, ports, purpose, to } of wants) merger.add(party(from), party(to), ports, purposes[purpose]!);
  return merger.rules();
}

/** Every packet of the wants, and who asks for it; from an address to itself there is none. */
function wantedPackets(wants: readonly Want[]): Map<string, Set<string>> {
  const packets = new Map<string, Set<string>>();
  for (const { from, ports, purpose, to } of wants) {
    if (from === to) continue;
    for (const port of eachPort(ports)) {
      const packet = `${from} ${to} ${port}`;
      packets.set(packet, (packets.get(packet) ?? new Set()).add(purposes[purpose]!.flow));
    }
  }
  return packets;
}

/** Every packet that the rules let through, rule by rule: one that two of them let through is there twice. */
function openedPackets(rules: readonly ProposedRule[]): (readonly [string, string])[] {
  return rules.flatMap(({ destinations, ports, purposes: asked, sources }) =>
    sources.flatMap((source) =>
      destinations
        .filter(({ address }) => address !== source.address)
        .flatMap(({ address }) =>
          [...eachPort(ports)].map(
            (port) => [`${source.address} ${address} ${port}`, asked.map(({ flow }) => flow).join()] as const,
          ),
        ),
    ),
  );
}

const places = ['10.0.0.1', '10.0.0.2', '10.0.0.3', 'fd00::1', 'ldap.example'];
const somePorts = fc
  .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 0, max: 3 }))
  .map(([first, more]): PortSet => [[first, first + more]]);
const someWants = fc.array(
  fc.record({
    from: fc.constantFrom(...places),
    to: fc.constantFrom(...places),
    ports: somePorts,
    purpose: fc.integer({ min: 0, max: 2 }),
  }),
  { maxLength: 40 },
);
// Blocks, as flows of roles make them, with holes.
const meshes = fc
  .tuple(
    fc.subarray(places),
    fc.subarray(places),
    somePorts,
    fc.array(fc.integer({ min: 0, max: 24 }), { maxLength: 3 }),
  )
  .map(([sources, destinations, ports, holes]): Want[] =>
    sources
      .flatMap((from) => destinations.map((to): Want => ({ from, to, ports, purpose: 0 })))
      .filter((_, index) => !holes.includes(index)),
  );

test('the rules open exactly what is asked for, each packet once, and name everybody who asks for it', (t) => {
  fc.assert(
    fc.property(fc.oneof(someWants, meshes), (wants) => {
      const expected = [...wantedPackets(wants)].map(([packet, flows]) => [packet, [...flows].sort().join()]);
      const opened = openedPackets(merged(wants)).map(([packet, flows]) => [packet, flows.split(',').sort().join()]);
      t.deepEqual(opened.sort(), expected.sort());
    }),
    { numRuns: 200 },
  );
});

test('the same wants in another order are the same rules', (t) => {
  const wants = places.flatMap((from) => places.map((to): Want => ({ from, to, ports: [[80, 80]], purpose: 0 })));
  t.deepEqual(merged(wants.toReversed()), merged(wants));
});

/** `a b -> c 80 (flows)`. */
function lines(rules: readonly ProposedRule[]): string[] {
  const names = (places: ProposedRule['sources']) => places.map(({ address }) => address).join(' ');
  return rules.map(
    ({ destinations, ports, purposes: asked, sources }) =>
      `${names(sources)} -> ${names(destinations)} ${formatPorts(ports)} (${asked.map(({ flow }) => flow).join()})`,
  );
}

const want = (path: string, text: string, purpose = 0): Want[] => {
  const [from, to] = path.split(' -> ').map((end) => end.split(' '));
  return from!.flatMap((source) => to!.map((each) => ({ from: source, to: each, ports: ports(text), purpose })));
};

test('a mesh is one rule, and clients of its nodes are in it', (t) => {
  t.deepEqual(lines(merged(want('n1 n2 n3 c -> n1 n2 n3', '80'))), ['c n1 n2 n3 -> n1 n2 n3 80 (a)']);
});

test('one missing pair of a mesh is not opened', (t) => {
  const wants = want('n1 n2 n3 -> n1 n2 n3', '80').filter(({ from, to }) => from !== 'n1' || to !== 'n2');
  t.deepEqual(lines(merged(wants)), ['n1 n2 -> n1 n3 80 (a)', 'n3 -> n1 n2 80 (a)']);
});

test('adjacent ports of one flow are a range, and what two flows ask for is one rule of both', (t) => {
  t.deepEqual(lines(merged([...want('x -> y', '80'), ...want('x -> y', '81-90'), ...want('x -> y', '85-95', 1)])), [
    'x -> y 80-84 (a)',
    'x -> y 85-90 (a,b)',
    'x -> y 91-95 (b)',
  ]);
});

test('destinations of the same sources make a rule where that needs fewer', (t) => {
  const wants = [...want('c1 c3 -> s1', '80'), ...want('c2 c3 -> s2', '80')];
  t.deepEqual(lines(merged(wants)), ['c1 c3 -> s1 80 (a)', 'c2 c3 -> s2 80 (a)']);
});

test('two hosts of one address are one place with both names', (t) => {
  const merger = new RuleMerger();
  for (const name of ['blue', 'green', 'blue'])
    merger.add(partyOf(name, '10.0.0.1'), partyOf('db', '::ffff:10.0.0.2'), ports('80'), purposes[0]!);
  const [rule, ...others] = merger.rules();
  t.deepEqual(others, []);
  t.deepEqual(rule?.sources, [{ address: '10.0.0.1', names: ['blue', 'green'] }]);
  t.deepEqual(rule?.destinations, [{ address: '10.0.0.2', names: ['db'] }]);
});
