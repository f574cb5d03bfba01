import test from 'ava';
import { noFacts } from '#src/model/observation.js';
import { nodeFacts } from '#src/sweep/facts.js';

const row = (text: string) => {
  const [table, ...fields] = text.split(' ');
  return { table: table!, fields };
};

test('the tables of a little-endian node are read', (t) => {
  const facts = nodeFacts(
    [
      'fib_trie 127.0.0.1',
      'fib_trie 10.10.0.11',
      'if_inet6 fd000000000000000000000000000011',
      'tcp 00000000:0016',
      'tcp 0100007F:2173',
      'tcp6 00000000000000000000000000000000:1F90',
      'tcp6 0000000000000000FFFF00000B000A0A:0050',
      'route east 00000000 01000A0A 0003 00000000',
      'route east 00000A0A 00000000 0001 00FFFFFF',
      'route down 00000B0A 00000000 0000 00FFFFFF',
    ].map(row),
  );
  t.deepEqual(facts, {
    addresses: ['127.0.0.1', '10.10.0.11', 'fd00::11'],
    listeners: [
      { address: '0.0.0.0', port: 22 },
      { address: '127.0.0.1', port: 8563 },
      { address: '::', port: 8080 },
      { address: '10.10.0.11', port: 80 },
    ],
    routes: [
      { destination: '0.0.0.0', prefixLength: 0, gateway: '10.10.0.1', interface: 'east' },
      { destination: '10.10.0.0', prefixLength: 24, gateway: undefined, interface: 'east' },
    ],
  });
});

test('a big-endian node prints its words the other way round', (t) => {
  const facts = nodeFacts(
    ['fib_trie 10.10.0.11', 'tcp 7F000001:2173', 'route e 0A0A0000 00000000 0001 FFFFFF00'].map(row),
  );
  t.deepEqual(facts.listeners, [{ address: '127.0.0.1', port: 8563 }]);
  t.deepEqual(facts.routes, [{ destination: '10.10.0.0', prefixLength: 24, gateway: undefined, interface: 'e' }]);
});

test('IPv6 routes are read, without what is refused, remembered, multicast or the node’s own', (t) => {
  const network = 'fd000000000000000000000000000000';
  const router = 'fe800000000000000000000000000001';
  const none = '0'.repeat(32);
  const { routes } = nodeFacts(
    [
      'fib_trie 10.10.0.11',
      `ipv6_route east ${network} 40 ${none} 00000001`,
      `ipv6_route east ${none} 00 ${router} 00000003`,
      `ipv6_route east ${network} 80 ${none} 80200001`,
      `ipv6_route east ${network.replace(/1?0$/, '1')} 80 ${router} 01000003`,
      `ipv6_route lo ${none} 00 ${none} 00200200`,
      `ipv6_route east ff000000000000000000000000000000 08 ${none} 00000001`,
      'ipv6_route east nonsense',
    ].map(row),
  );
  t.deepEqual(routes, [
    { destination: 'fd00::', prefixLength: 64, gateway: undefined, interface: 'east' },
    { destination: '::', prefixLength: 0, gateway: 'fe80::1', interface: 'east' },
  ]);
});

test('without a single address the tables were not readable, and nothing is claimed', (t) => {
  t.deepEqual(nodeFacts([]), noFacts);
});
