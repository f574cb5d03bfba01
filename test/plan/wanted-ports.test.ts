import test from 'ava';
import fc from 'fast-check';
import { formatPorts, intersectPorts, type PortSet, portSet, unionPorts } from '#src/model/port-set.js';
import { isProven, listenItems, type WantedPorts, wantedPorts } from '#src/plan/wanted-ports.js';
import { endpoint, flow, host, plan, ports, scenario, site } from './builders.js';

const members = site(
  host('a', 'client', { address: '10.0.0.1' }),
  host('b', 'server', { address: '10.0.0.2', addresses: { backup: '10.9.0.2' } }),
  endpoint('e', 'server', { address: '10.0.0.3' }),
);

const both = { phase: 'both' } as const;
const flows = [
  flow('open', 'client -> server : 80-82', both),
  flow('reachable', 'client -> server : 82-89', { ...both, expect: 'reachable' }),
  flow('backup', 'client -> server : 82', { ...both, expect: 'reachable', network: 'backup' }),
  flow('filtered', 'client -> server : 91', { ...both, expect: 'filtered' }),
  flow('closed', 'client -> server : 92', { ...both, expect: 'closed' }),
];

/** `HOST TARGET PORTS` of what is listened on, `… free` of what is only tried. */
function wanted(proving: Parameters<typeof wantedPorts>[1]): string[] {
  const made = plan(scenario(flows), members, { phase: proving.flows === 'idle' ? 'check' : 'preflight' });
  return [...wantedPorts(made, proving)].flatMap(([name, all]) =>
    all.map(({ target, ports: some, listen }) => `${name} ${target} ${formatPorts(some)}${listen ? '' : ' free'}`),
  );
}

test('before the installation all but closed flows have a listener, at the address of each, and what must be free is tried', (t) => {
  t.deepEqual(wanted({ flows: 'preflight', closed: false }), [
    'b 10.0.0.2 80-89,91',
    'b 10.9.0.2 82',
    'b 10.0.0.2 80-89 free',
  ]);
  t.regex(wanted({ flows: 'preflight', closed: true })[0]!, /80-89,91-92$/);
});

test('after it reachable flows alone have, and never where a service has to answer', (t) => {
  t.deepEqual(wanted({ flows: 'idle', closed: false }), ['b 10.0.0.2 83-89']);
});

test('what is proven by a listener is said by the expectation', (t) => {
  const proven = (flows: 'preflight' | 'idle', closed: boolean) =>
    (['open', 'reachable', 'closed', 'filtered'] as const).filter((expect) => isProven({ expect }, { flows, closed }));
  t.deepEqual(proven('preflight', false), ['open', 'reachable', 'filtered']);
  t.deepEqual(proven('preflight', true), ['open', 'reachable', 'closed', 'filtered']);
  t.deepEqual(proven('idle', false), ['reachable']);
});

const items = (all: readonly [string, string, boolean?][], own: readonly string[] | undefined) =>
  listenItems(
    all.map(([target, text, listen = true]) => ({ target, listen, ports: ports(text) })),
    own,
  ).map((item) => `${item.id} ${item.address ?? '*'} ${formatPorts(item.ports)}${item.listen ? '' : ' free'}`);

const own = ['127.0.0.1', '10.0.0.2', 'fd00::2'];

test('an address of the node is bound as such, whichever way it is written', (t) => {
  t.deepEqual(
    items(
      [
        ['FD00:0::2', '80'],
        ['fd00::2', '81'],
        ['10.0.0.2', '80'],
      ],
      own,
    ),
    ['0 fd00::2 80-81', '1 10.0.0.2 80'],
  );
});

test('names and addresses that the node does not own are bound by every address', (t) => {
  t.deepEqual(
    items(
      [
        ['b.example', '80'],
        ['192.0.2.1', '81'],
      ],
      own,
    ),
    ['0 * 80-81'],
  );
  t.deepEqual(items([['192.0.2.1', '81']], undefined), ['0 192.0.2.1 81']);
});

test('a port that is listened on everywhere is not bound again by one address', (t) => {
  t.deepEqual(
    items(
      [
        ['b.example', '80'],
        ['10.0.0.2', '80-82'],
        ['10.0.0.2', '82-83', false],
        ['b.example', '80,90', false],
      ],
      own,
    ),
    ['0 * 80', '1 10.0.0.2 81-82', '2 10.0.0.2 83 free', '3 * 90 free'],
  );
});

test('no port is listened on twice at one address, and none that was wanted is left out', (t) => {
  const interval = fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: 5 }));
  const some = fc.array(interval, { minLength: 1, maxLength: 3 });
  const target = fc.constantFrom('b.example', '192.0.2.1', '10.0.0.2', '10.0.0.3');
  const one = fc.record({ target, listen: fc.boolean(), ports: some }).map(
    ({ ports: pairs, ...rest }): WantedPorts => ({
      ...rest,
      ports: portSet(pairs.map(([first, length]): readonly [number, number] => [first, first + length])),
    }),
  );
  const owned = ['10.0.0.2', '10.0.0.3'];
  fc.assert(
    fc.property(fc.array(one, { maxLength: 8 }), (all) => {
      const made = listenItems(all, owned);
      for (const [index, each] of made.entries())
        for (const other of made.slice(index + 1)) {
          const meet = each.address === undefined || other.address === undefined || each.address === other.address;
          if (meet && each.listen && other.listen) t.deepEqual(intersectPorts(each.ports, other.ports), []);
          // The program goes through the items of every address first: a bare try must not come after its own listener.
          if (each.address === other.address && each.listen !== other.listen)
            t.deepEqual(intersectPorts(each.ports, other.ports), []);
        }
      for (const { listen, ports: asked, target: at } of all) {
        const there = made.filter(
          (item) => (item.listen || !listen) && (item.address === undefined || item.address === at),
        );
        const covered: PortSet = unionPorts(...there.map((item) => item.ports));
        t.deepEqual(intersectPorts(asked, covered), asked);
      }
    }),
  );
});
