import test from 'ava';
import { type AnswerContext, classify } from '#src/judge/classify.js';
import type { Answer } from '#src/model/observation.js';
import { connected, errno, icmp, rst, silence } from './build.js';

const source = '10.0.0.1';
const destination = '10.0.0.9';
const router = '10.0.0.254';
const context: AnswerContext = {
  address: destination,
  sourceAddresses: ['127.0.0.1', source],
  engine: 'python',
  addressAnswered: false,
  service: undefined,
};

type Case = [title: string, answer: Answer, outcome: string, reason: string | null, context?: Partial<AnswerContext>];

const cases: readonly Case[] = [
  ['a connect is open', connected, 'open', null],
  ['silence is a timeout, after how long', silence, 'timeout', '3.5 s'],
  ['ETIMEDOUT is a timeout', errno('ETIMEDOUT'), 'timeout', 'ETIMEDOUT'],
  ['an RST is refused', rst, 'refused', 'rst'],
  ['without the error queue a refusal may be ICMP', rst, 'refused', 'rst or icmp 3/3', { engine: 'perl' }],
  ['network prohibited', icmp(3, 9, router), 'rejected', `icmp 3/9 from ${router}`],
  ['host prohibited', icmp(3, 10, router), 'rejected', `icmp 3/10 from ${router}`],
  ['administratively prohibited', icmp(3, 13, router), 'rejected', `icmp 3/13 from ${router}`],
  ['port unreachable from a router', icmp(3, 3, router), 'rejected', `icmp 3/3 from ${router}`],
  ['network unreachable from a router', icmp(3, 0, router), 'unreachable', `icmp 3/0 from ${router}`],
  ['host unreachable from a router', icmp(3, 1, router), 'unreachable', `icmp 3/1 from ${router}`],
  [
    'network unreachable from the destination',
    icmp(3, 0, destination),
    'unreachable',
    `icmp 3/0 from ${destination} itself, perhaps of what is behind it`,
  ],
  [
    'host unreachable from the destination',
    icmp(3, 1, destination),
    'unreachable',
    `icmp 3/1 from ${destination} itself, perhaps of what is behind it`,
  ],
  ['prohibited by the destination', icmp(3, 10, destination), 'rejected', `icmp 3/10 from ${destination}`],
  ['time exceeded on the way', icmp(11, 0, router), 'unreachable', `icmp 11/0 from ${router}`],
  ['an OUTPUT rule of the source', icmp(3, 3, source), 'unreachable', 'local icmp 3/3'],
  ['an OUTPUT rule of the source, prohibited', icmp(3, 13, source), 'unreachable', 'local icmp 3/13'],
  ['a dead neighbour', icmp(3, 1, source), 'unreachable', 'local icmp 3/1, no neighbour answered'],
  [
    'a loopback flow rejected by its own host',
    icmp(3, 3, '127.0.0.1'),
    'rejected',
    'icmp 3/3 from 127.0.0.1',
    { address: '127.0.0.1' },
  ],
  ['v6 prohibited', icmp(1, 1, 'fe80::1', 6), 'rejected', 'icmpv6 1/1 from fe80::1', { address: '2001:db8::9' }],
  ['v6 policy', icmp(1, 5, 'fe80::1', 6), 'rejected', 'icmpv6 1/5 from fe80::1', { address: '2001:db8::9' }],
  ['v6 reject route', icmp(1, 6, 'fe80::1', 6), 'rejected', 'icmpv6 1/6 from fe80::1', { address: '2001:db8::9' }],
  ['v6 port unreachable', icmp(1, 4, 'fe80::1', 6), 'rejected', 'icmpv6 1/4 from fe80::1', { address: '2001:db8::9' }],
  ['v6 no route', icmp(1, 0, 'fe80::1', 6), 'unreachable', 'icmpv6 1/0 from fe80::1', { address: '2001:db8::9' }],
  [
    'v6 address unreachable',
    icmp(1, 3, 'fe80::1', 6),
    'unreachable',
    'icmpv6 1/3 from fe80::1',
    { address: '2001:db8::9' },
  ],
  [
    'v6 from the destination, written otherwise',
    icmp(1, 0, '2001:db8:0::9', 6),
    'unreachable',
    'icmpv6 1/0 from 2001:db8::9 itself, perhaps of what is behind it',
    { address: '2001:db8::9' },
  ],
  ['EACCES', errno('EACCES'), 'unreachable', 'local EACCES'],
  [
    'EACCES over IPv6, without the error queue',
    errno('EACCES'),
    'unreachable',
    'EACCES, local or icmpv6 1/1',
    { address: '2001:db8::9', engine: 'dial' },
  ],
  ['EPERM', errno('EPERM'), 'unreachable', 'local EPERM'],
  ['EINVAL', errno('EINVAL'), 'unreachable', 'local EINVAL'],
  [
    'EADDRNOTAVAIL',
    errno('EADDRNOTAVAIL'),
    'unreachable',
    'local EADDRNOTAVAIL, no address of that family to come from',
  ],
  ['EAFNOSUPPORT', errno('EAFNOSUPPORT'), 'unreachable', 'local EAFNOSUPPORT, no address of that family to come from'],
  ['ENETUNREACH', errno('ENETUNREACH'), 'unreachable', 'ENETUNREACH'],
  [
    'EHOSTUNREACH without a queue, of an address that answers',
    errno('EHOSTUNREACH'),
    'rejected',
    'EHOSTUNREACH, other ports answer',
    { engine: 'perl', addressAnswered: true },
  ],
  [
    'EHOSTUNREACH without a queue, of an address that does not',
    errno('EHOSTUNREACH'),
    'unreachable',
    'EHOSTUNREACH',
    { engine: 'dial' },
  ],
  ...(['ENETUNREACH', 'ENOPROTOOPT'] as const).map(
    (name): Case => [
      `${name} without a queue, of an address that answers`,
      errno(name),
      'rejected',
      `${name}, other ports answer`,
      { engine: 'bash', addressAnswered: true },
    ],
  ),
  [
    'EACCES over IPv6 without a queue, of an address that answers',
    errno('EACCES'),
    'rejected',
    'EACCES, other ports answer',
    { address: '2001:db8::9', engine: 'perl', addressAnswered: true },
  ],
  [
    'EACCES over IPv4 is the source’s own, whatever else answers',
    errno('EACCES'),
    'unreachable',
    'local EACCES',
    { engine: 'perl', addressAnswered: true },
  ],
  [
    'ENETUNREACH with a queue that was empty',
    errno('ENETUNREACH'),
    'unreachable',
    'ENETUNREACH',
    { addressAnswered: true },
  ],
  [
    'EHOSTUNREACH with a queue that was empty',
    errno('EHOSTUNREACH'),
    'unreachable',
    'EHOSTUNREACH',
    { addressAnswered: true },
  ],
  ['out of sockets', errno('EMFILE'), 'unprobed', 'out of sockets: EMFILE'],
  [
    'an errno that nobody expected',
    errno('EBADF'),
    'unprobed',
    'engine failed: the connect gave EBADF, which says nothing about the path',
  ],
  [
    'untried, in words',
    { kind: 'untried', cause: 'forwarding-forbidden', detail: 'sshd says so' },
    'unprobed',
    'forwarding forbidden: sshd says so',
  ],
];

for (const [title, answer, outcome, reason, more] of cases)
  test(`${title}: ${outcome}`, (t) => {
    const classified = classify(answer, { ...context, ...more });
    t.is(classified.outcome, outcome as typeof classified.outcome);
    t.is(classified.reason, reason);
  });

test('the sender of a rejection is kept', (t) => {
  t.is(classify(icmp(3, 13, router), context).sender, router);
  t.is(classify(icmp(3, 13, source), context).sender, undefined);
});

const greeted: Answer = { kind: 'dialogue', service: 'mysql', outcome: 'open', detail: 'MariaDB greeted' };
const closed: Answer = { kind: 'dialogue', service: 'mysql', outcome: 'reset', detail: 'closed before the greeting' };

test('a dialogue that the check asks for identifies, or says what is wrong', (t) => {
  t.like(classify(greeted, { ...context, service: 'mysql' }), {
    outcome: 'open',
    identified: true,
    reason: 'MariaDB greeted',
  });
  t.like(classify(closed, { ...context, service: 'mysql' }), {
    outcome: 'reset',
    reason: 'closed before the greeting',
  });
});

test('a dialogue spoken for caution alone proves the connection, whatever it heard', (t) => {
  t.like(classify(closed, context), { outcome: 'open', reason: 'not mysql: closed before the greeting' });
  t.like(classify({ ...closed, outcome: 'mismatch' }, { ...context, service: 'http' }), { outcome: 'open' });
});

test('a service that identifies itself as another than the named one is a mismatch', (t) => {
  t.like(classify(greeted, { ...context, service: 'http' }), {
    outcome: 'mismatch',
    reason: 'mysql instead of http: MariaDB greeted',
  });
  t.like(classify(greeted, { ...context, service: 'tcp' }), { outcome: 'open', identified: true });
});
