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

test('without a single address the tables were not readable, and nothing is claimed', (t) => {
  t.deepEqual(nodeFacts([]), noFacts);
});
