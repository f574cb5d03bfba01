import test from 'ava';
import fc from 'fast-check';
import { decodeListenerMessage } from '#src/listen/wire.js';

test('what a node says of its ports is read', (t) => {
  t.deepEqual(decodeListenerMessage('s 1000 ops 1024 32768,60999 8080,9148-9150'), {
    type: 'settings',
    settings: {
      uid: 1000,
      user: 'ops',
      unprivilegedPortStart: 1024,
      ephemeralPorts: [[32768, 60999]],
      reservedPorts: [
        [8080, 8080],
        [9148, 9150],
      ],
    },
  });
  t.deepEqual(decodeListenerMessage('s 0 - ? ? -'), {
    type: 'settings',
    settings: {
      uid: 0,
      user: undefined,
      unprivilegedPortStart: undefined,
      ephemeralPorts: undefined,
      reservedPorts: [],
    },
  });
});

test('a holder is read, whichever way round its kernel prints addresses', (t) => {
  const rest = '27 mysql 812 mysqld /usr/sbin/mysqld%20--user=mysql mariadb.service same';
  const holder = {
    port: 3306,
    address: '10.0.0.5',
    kind: 'client',
    peer: '10.0.0.7:443',
    uid: 27,
    user: 'mysql',
    pid: 812,
    process: 'mysqld',
    command: '/usr/sbin/mysqld --user=mysql',
    unit: 'mariadb.service',
    otherNamespace: false,
  };
  t.deepEqual(decodeListenerMessage(`o little 0500000A:0CEA 0700000A:01BB client ${rest}`), { type: 'holder', holder });
  t.deepEqual(decodeListenerMessage(`o big 0A000005:0CEA 0A000007:01BB client ${rest}`), { type: 'holder', holder });
  const unknown = 'o little 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 listener';
  t.deepEqual(decodeListenerMessage(`${unknown} 0 - - - - - other`), {
    type: 'holder',
    holder: {
      port: 80,
      address: '::',
      kind: 'listener',
      peer: undefined,
      uid: 0,
      user: undefined,
      pid: undefined,
      process: undefined,
      command: undefined,
      unit: undefined,
      otherNamespace: true,
    },
  });
  const six = 'B80D0120000000000000000001000000';
  const message = decodeListenerMessage(`o little ${six}:0050 ${six}:0051 client ${rest}`);
  t.like(message, { holder: { address: '2001:db8::1', peer: '[2001:db8::1]:81' } });
});

test('accepted connections are read, an IPv4-mapped address as IPv4 and none with its zone', (t) => {
  t.deepEqual(decodeListenerMessage('a ::ffff:10.0.0.1 fe80::1%eth0 12 20000-20499,20600'), {
    type: 'accept',
    accept: {
      address: '10.0.0.1',
      peer: 'fe80::1',
      source: 12,
      ports: [
        [20000, 20499],
        [20600, 20600],
      ],
    },
  });
  t.like(decodeListenerMessage('a 10.0.0.1 10.0.0.2 - 80'), { accept: { source: undefined } });
});

const nonsense = [
  '',
  'b',
  'b 1 EADDRINUSE',
  'b 1 oops 80',
  'b x - 80',
  'b 1 - 70000',
  'o',
  'o little 0500000A 0700000A listener 0 - - - - - same',
  'o little 0500000A:0CEA 0700000A:01BB thief 0 - - - - - same',
  'o little 0500000A:0CEA 0700000A:01BB listener 0',
  'p 1',
  'a 10.0.0.1 10.0.0.2 x 80',
  'a 10.0.0.1 10.0.0.2 1',
  't 12',
  's root',
  '. many',
];

for (const text of nonsense)
  test(`"${text}" is no sentence of the program’s`, (t) => {
    t.is(decodeListenerMessage(text), undefined);
  });

test('no text of a node’s makes the reading fail', (t) => {
  const words = fc.constantFrom(
    'ready',
    'h',
    't',
    's',
    'b',
    'o',
    'p',
    'a',
    '.',
    '-',
    '1',
    '20000-20010',
    '0500000A:0CEA',
  );
  const sentence = fc.array(fc.oneof(words, fc.string()), { maxLength: 14 }).map((parts) => parts.join(' '));
  fc.assert(fc.property(sentence, (text) => t.notThrows(() => decodeListenerMessage(text))));
  t.pass();
});
