import test from 'ava';
import { type JudgeOptions, judge } from '#src/judge/judge.js';
import type { Waiver } from '#src/model/inventory.js';
import type { Answer, Observations, PhaseTimes } from '#src/model/observation.js';
import type { PlannedFlow } from '#src/model/plan.js';
import type { ReportCheck } from '#src/model/report.js';
import {
  addressSeen,
  connected,
  endpoint,
  errno,
  facts,
  flow,
  host,
  icmp,
  observations,
  plan,
  ports,
  rst,
  says,
  silence,
  vantage,
} from './build.js';

const a = host('a', '10.0.0.1');
const b = host('b', '10.0.0.2');
const c = host('c', '10.0.0.3');
const far = endpoint('far', '10.9.0.9');
const today = '2026-11-21';

function judged(
  flows: PlannedFlow | PlannedFlow[],
  seen: Observations,
  options: Partial<JudgeOptions> = {},
): ReportCheck[] {
  return [...judge(plan([flows].flat()), seen, { waivers: [], today, ...options })];
}

function only(checks: readonly ReportCheck[]): ReportCheck {
  if (checks.length !== 1) throw new Error(`${checks.length} checks instead of one`);
  return checks[0]!;
}

const ownA = facts(['127.0.0.1', '10.0.0.1']);

// Dialogues

/** The port 80 of b: what the sweep saw, and what each service's dialogue brought. */
function asked(swept: Answer, spoken: readonly (readonly [service: string, answer: Answer, phases?: PhaseTimes])[]) {
  const b80 = {
    ...addressSeen('10.0.0.2', { '80': swept }),
    spoken: spoken.map(([service, answer, phases = {}]) => ({ port: 80, service, answer, phases })),
  };
  return observations({ a: { '10.0.0.2': [b80] } });
}

const webFlow = (over: Parameters<typeof flow>[0] = {}) =>
  flow({ service: 'http', ports: '80', pairs: [[a, b]], ...over });

test('an accepted connection is open only once the service has identified itself', (t) => {
  const seen = asked(connected, [['http', says('http', 'open', 'HTTP 200'), { connect: 0.4, firstByte: 12.3456 }]]);
  t.like(only(judged(webFlow(), seen)), {
    status: 'pass',
    proof: 'identified',
    outcomes: [
      {
        outcome: 'open',
        ports: '80',
        count: 1,
        reason: 'HTTP 200',
        status: 'pass',
        phasesMs: { resolve: null, connect: 0.4, tls: null, firstByte: 12.346 },
      },
    ],
  });
  const hollow = asked(connected, [['http', says('http', 'reset', 'connected, then closed')]]);
  t.like(only(judged(webFlow(), hollow)), { status: 'fail', proof: 'connected' });
});

test('one port is held to each flow’s own service', (t) => {
  const seen = asked(connected, [
    ['http', says('http', 'open', 'HTTP 200')],
    ['redis', says('redis', 'mismatch', 'an HTTP server answers')],
  ]);
  const checks = judged(
    [webFlow(), webFlow({ id: 'cache', service: 'redis' }), webFlow({ id: 'any', services: {} })],
    seen,
  );
  t.deepEqual(
    checks.map(({ status, proof }) => `${status} ${proof}`),
    ['pass identified', 'fail connected', 'pass connected'],
  );
});

test('what was to identify itself and was not asked is unknown, and the connection alone suffices for what is reachable', (t) => {
  t.like(only(judged(webFlow(), { ...asked(connected, []), interrupted: true })), {
    status: 'unknown',
    outcomes: [
      {
        outcome: 'unprobed',
        ports: '80',
        count: 1,
        reason: 'interrupted: it connects, but the run ended before it was asked who answers',
        status: 'unknown',
        untried: 'interrupted',
      },
    ],
  });
  t.like(only(judged(webFlow({ expect: 'reachable' }), asked(connected, []))), { status: 'pass', proof: 'connected' });
});

test('a named service never passes unidentified where another flow names MySQL for the port', (t) => {
  const spoken = (...of: readonly Answer[]) => {
    const keys = ['mysql', 'http'];
    const each = of.map((answer, index) => ({ port: 80, service: keys[index], answer, phases: {} }));
    return observations({ a: { '10.0.0.2': [{ ...addressSeen('10.0.0.2', {}), spoken: each }] } });
  };
  const row = (seen: Observations, over: Parameters<typeof flow>[0] = {}) => {
    const { outcomes, proof, status } = only(judged(webFlow(over), seen));
    return `${status} ${proof}: ${outcomes.map(({ outcome, untried }) => `${outcome} ${untried}`)}`;
  };
  const stranger = says('mysql', 'mismatch', 'an HTTP server answers');
  t.is(row(spoken(stranger, says('http', 'open', 'HTTP 200'))), 'pass identified: open undefined');
  t.is(row(spoken(stranger, says('http', 'mismatch', 'SSH'))), 'fail connected: mismatch undefined');
  t.is(row(spoken(says('mysql', 'open', 'MariaDB greeted'))), 'fail connected: mismatch undefined');
  const silent = { ...says('mysql', 'mismatch', 'connected, then silent for 3.5 s'), problem: 'silent' as const };
  t.is(row(spoken(silent)), 'unknown null: unprobed not-asked');
  t.is(row(spoken(says('mysql', 'reset', 'closed'))), 'unknown null: unprobed engine-failed');
  t.is(row(spoken(rst)), 'fail null: refused undefined');
  t.is(row(spoken(silent), { expect: 'reachable' }), 'pass connected: open undefined');
  t.is(row(spoken(silent), { services: {} }), 'pass connected: open undefined');
});

test('a connection that could not be made a second time, to ask, is unknown', (t) => {
  const forbidden = { kind: 'untried', cause: 'forwarding-forbidden', detail: 'sshd says no' } as const;
  t.like(only(judged(webFlow(), asked(connected, [['http', forbidden]]))), { status: 'unknown', proof: null });
});

test('of ports of which one will do, the others need not say who they are', (t) => {
  const flowOfTwo = webFlow({ ports: '80-81', any: 'ports' });
  const two = {
    ...addressSeen('10.0.0.2', { '80-81': connected }),
    spoken: [{ port: 81, service: 'http', answer: says('http', 'open', 'HTTP 401'), phases: {} }],
  };
  t.like(only(judged(flowOfTwo, observations({ a: { '10.0.0.2': [two] } }))), { status: 'pass' });
});

test('a preferred port that is somebody else’s makes the others no less needed: an interrupted run leaves them unknown', (t) => {
  const flowOfMany = webFlow({ ports: '80-89', any: 'ports', prefer: '80' });
  const one = {
    ...addressSeen('10.0.0.2', { '80': connected }),
    spoken: [{ port: 80, service: 'http', answer: says('http', 'mismatch', 'SSH'), phases: {} }],
  };
  t.like(only(judged(flowOfMany, { ...observations({ a: { '10.0.0.2': [one] } }), interrupted: true })), {
    status: 'unknown',
  });
});

test('a refusal that a dial met may be an ICMP message: dials read no error queue, whatever engine sweeps', (t) => {
  const seen = asked(silence, [['http', rst]]);
  t.like(only(judged(webFlow(), seen)).outcomes[0], { outcome: 'refused', reason: 'rst or icmp 3/3' });
});

// Aggregation

test('a range keeps one outcome for each answer, with its ports in order, and the worst decides', (t) => {
  const check = only(
    judged(
      flow({ expect: 'reachable', ports: '20000-21000', pairs: [[a, b]] }),
      observations({ a: { '10.0.0.2': { '20000-20499,20600-21000': rst, '20500-20599': silence } } }),
    ),
  );
  t.is(check.status, 'fail');
  t.is(check.proof, 'inferred');
  t.deepEqual(check.outcomes, [
    { outcome: 'refused', ports: '20000-20499,20600-21000', count: 901, reason: 'rst', status: 'pass' },
    { outcome: 'timeout', ports: '20500-20599', count: 100, reason: '3.5 s', status: 'fail' },
  ]);
});

test('fail wins over unknown, unknown over warn, warn over pass', (t) => {
  const status = (answers: Parameters<typeof addressSeen>[1]) =>
    only(
      judged(
        flow({ ports: '1-4', pairs: [[a, b]] }),
        observations({ a: { '10.0.0.2': answers } }, [vantage('b', { facts: facts(['10.0.0.2'], ['10.0.0.2:1']) })]),
      ),
    ).status;
  const untried = { kind: 'untried', cause: 'out-of-sockets', detail: '' } as const;
  t.is(status({ '1': connected, '2': connected, '3': untried, '4': rst }), 'fail');
  t.is(status({ '1': connected, '2-3': connected, '4': untried }), 'unknown');
  t.is(status({ '1-4': connected }), 'warn');
});

test('one open port is enough for any-of-ports, and what a preferred port made needless is no outcome', (t) => {
  const anyOf = flow({ any: 'ports', ports: '62881-62890', prefer: '62889', pairs: [[a, b]] });
  const preferred = only(judged(anyOf, observations({ a: { '10.0.0.2': { '62889': connected } } })));
  t.is(preferred.status, 'pass');
  t.deepEqual(
    preferred.outcomes.map(({ ports }) => ports),
    ['62889'],
  );
  const other = only(judged(anyOf, observations({ a: { '10.0.0.2': { '62881-62889': rst, '62890': connected } } })));
  t.is(other.status, 'pass');
  t.is(other.proof, 'connected');
  t.deepEqual(other.notes, ['one port of these would do: 62890 answered']);
});

test('any-of-ports without an open one fails, unless one was not tried', (t) => {
  const anyOf = flow({ any: 'ports', ports: '62881-62890', prefer: '62889', pairs: [[a, b]] });
  t.is(only(judged(anyOf, observations({ a: { '10.0.0.2': { '62881-62890': rst } } }))).status, 'fail');
  const partial = only(judged(anyOf, observations({ a: { '10.0.0.2': { '62881-62889': rst } } })));
  t.is(partial.status, 'unknown');
  t.like(partial.outcomes.at(-1), { outcome: 'unprobed', ports: '62890' });
});

test('of the addresses of a name the worst one decides, and each is listed', (t) => {
  const check = only(
    judged(
      flow({ pairs: [[a, b, 'db.example.com']] }),
      observations({
        a: {
          'db.example.com': [
            addressSeen('10.0.0.2', { '8563': connected }),
            addressSeen('10.0.0.3', { '8563': silence }),
          ],
        },
      }),
    ),
  );
  t.is(check.status, 'fail');
  t.is(check.address, 'db.example.com');
  t.deepEqual(
    check.outcomes.map(({ address, outcome }) => [address, outcome]),
    [
      ['10.0.0.2', 'open'],
      ['10.0.0.3', 'timeout'],
    ],
  );
});

test('a name that does not resolve fails what is expected to pass and proves no denial', (t) => {
  const named = (expect: 'open' | 'closed') =>
    only(judged(flow({ expect, pairs: [[a, b, 'db']] }), observations({ a: { db: 'EAI_AGAIN' } })));
  t.is(named('open').status, 'fail');
  t.is(named('closed').status, 'unknown');
  t.like(named('open').outcomes[0], { outcome: 'name-failure', reason: 'EAI_AGAIN', ports: '8563' });
});

// Controls

const deniedTo = (address: string) => flow({ expect: 'closed', ports: '2911', pairs: [[a, host('b', address)]] });
const denied = deniedTo('10.0.0.2');

test('silence without a control is unknown', (t) => {
  const check = only(judged(denied, observations({ a: { '10.0.0.2': { '2911': silence } } })));
  t.is(check.status, 'unknown');
  t.is(check.proof, null);
  t.regex(check.notes.join(), /silence proves no denial/);
});

for (const [answer, what] of [
  [connected, 'open'],
  [rst, 'refused'],
  [icmp(3, 3, '10.0.0.2'), 'an ICMP message of the destination itself'],
  [{ kind: 'dialogue', service: 'mysql', outcome: 'reset', detail: '' }, 'reset'],
] as const)
  test(`another port of the address that answered is a control: ${what}`, (t) => {
    const check = only(judged(denied, observations({ a: { '10.0.0.2': { '22': answer, '2911': silence } } })));
    t.is(check.status, 'pass');
    t.is(check.proof, 'control');
  });

for (const [answer, what] of [
  [icmp(3, 13, '10.0.0.254'), 'an ICMP message of a router'],
  [errno('EHOSTUNREACH'), 'host unreachable'],
  [silence, 'more silence'],
  [{ kind: 'untried', cause: 'out-of-sockets', detail: '' }, 'an untried port'],
] as const)
  test(`no control: ${what}`, (t) => {
    t.is(
      only(judged(denied, observations({ a: { '10.0.0.2': { '22': answer, '2911': silence } } }))).status,
      'unknown',
    );
  });

for (const port of ['80', '443', '3128', '8080'])
  test(`an answer at port ${port} may be a transparent proxy’s, and is no control by itself`, (t) => {
    const beside = (more: Record<string, Answer>) =>
      only(judged(denied, observations({ a: { '10.0.0.2': { [port]: connected, '2911': silence, ...more } } })));
    t.is(beside({}).status, 'unknown');
    t.like(beside({ '8090': rst }), { status: 'pass', proof: 'control' });
  });

test('an answer of another address, or the same answer to another source, is no control by itself', (t) => {
  const seen = observations({
    a: { '10.0.0.2': { '2911': silence }, '10.0.0.3': { '22': connected } },
    c: { '10.0.0.2': { '22': connected } },
  });
  t.is(only(judged(denied, seen)).status, 'unknown');
});

test('being logged in to the destination is no control, nor is what it says of itself', (t) => {
  const routes = [{ destination: '10.0.0.0', prefixLength: 24, gateway: undefined, interface: 'eth0' }];
  const seen = observations(
    { a: { '10.0.0.2': { '2911': silence }, '10.0.0.3': { '22': connected } }, b: { '10.0.0.2': { '22': connected } } },
    [
      vantage('a', { facts: facts(['10.0.0.1'], [], routes) }),
      vantage('b', { facts: facts(['10.0.0.2'], ['0.0.0.0:22'], routes) }),
    ],
  );
  t.is(only(judged(denied, seen)).status, 'unknown');
});

const eth0 = { destination: '10.0.0.0', prefixLength: 16, gateway: undefined, interface: 'eth0' };
const viaRouter = { destination: '0.0.0.0', prefixLength: 0, gateway: '10.0.255.254', interface: 'eth0' };
const otherNetwork = { destination: '10.0.0.2', prefixLength: 32, gateway: '10.0.0.254', interface: 'eth0' };

function weak(routes: Parameters<typeof facts>[2], reached: string, target = '10.0.0.2', port = '22') {
  return only(
    judged(
      deniedTo(target),
      observations(
        {
          a: { [target]: { '2911': silence }, [reached]: { '22': connected } },
          c: { [target]: { [port]: connected } },
        },
        [vantage('a', { facts: facts(['127.0.0.1', '10.0.0.1'], [], routes) })],
      ),
    ),
  );
}

test('an address that answers another vantage is a weak control where the source reached something over the same route', (t) => {
  const check = weak([viaRouter, eth0], '10.0.0.3');
  t.is(check.status, 'pass');
  t.is(check.proof, 'weak-control');
});

test('what may have been a transparent proxy’s answer to another vantage is no weak control', (t) => {
  t.is(weak([viaRouter, eth0], '10.0.0.3', '10.0.0.2', '443').status, 'unknown');
});

test('the longest prefix decides which route is the same', (t) => {
  t.is(weak([viaRouter, eth0, otherNetwork], '10.0.0.3').status, 'unknown');
  t.is(weak([viaRouter, eth0], '192.0.2.1').status, 'unknown');
  t.is(weak([viaRouter], '192.0.2.1').status, 'pass');
});

test('IPv6 has routes of its own, and a link-local address none', (t) => {
  const network = { destination: 'fd00::', prefixLength: 64, gateway: undefined, interface: 'eth0' };
  const everything = { destination: '::', prefixLength: 0, gateway: 'fe80::1', interface: 'eth0' };
  t.is(weak([everything, network], 'fd00::3', 'fd00:0:0::2').status, 'pass');
  t.is(weak([everything, network], 'fd00:1::3', 'fd00::2').status, 'unknown');
  t.is(weak([viaRouter, eth0], 'fd00::3', 'fd00::2').status, 'unknown');
  t.is(weak([everything], 'fe80::3', 'fe80::2').status, 'unknown');
});

test('what the source reached of itself says nothing about a route', (t) => {
  t.is(weak([viaRouter, eth0], '10.0.0.1').status, 'unknown');
  t.is(weak([viaRouter], '127.0.0.1').status, 'unknown');
});

test('no routes known, no weak control', (t) => {
  t.is(weak(undefined, '10.0.0.3').status, 'unknown');
});

test('an RST, and an ICMP rejection, are their own control', (t) => {
  t.like(only(judged(denied, observations({ a: { '10.0.0.2': { '2911': rst } } }))), {
    status: 'pass',
    proof: 'control',
  });
  t.like(only(judged(denied, observations({ a: { '10.0.0.2': { '2911': icmp(3, 13, '10.0.0.2') } } }))), {
    status: 'pass',
    proof: 'control',
  });
});

test('no fault of the way or of the probe makes a denial pass', (t) => {
  for (const expect of ['closed', 'filtered'] as const)
    for (const answer of [
      silence,
      errno('ENETUNREACH'),
      errno('EHOSTUNREACH'),
      errno('EACCES'),
      icmp(3, 1, '10.0.0.254'),
      icmp(3, 13, '10.0.0.1'),
      { kind: 'untried', cause: 'forwarding-forbidden', detail: '' } as const,
    ]) {
      const seen = observations({ a: { '10.0.0.2': { '2911': answer } } }, [vantage('a', { facts: ownA })]);
      t.is(only(judged(flow({ expect, ports: '2911', pairs: [[a, b]] }), seen)).status, 'unknown');
    }
});

// Both ends

function withTable(
  expect: 'open' | 'reachable' | 'closed',
  answer: typeof rst,
  listeners: readonly string[],
  own = ['10.0.0.2'],
) {
  return only(
    judged(
      flow({ expect, pairs: [[a, b]] }),
      observations({ a: { '10.0.0.2': { '8563': answer } } }, [vantage('b', { facts: facts(own, listeners) })]),
    ),
  );
}

test('refused although the destination listens there fails, also where reachable is expected', (t) => {
  for (const listener of ['0.0.0.0:8563', '10.0.0.2:8563', '::ffff:10.0.0.2:8563'])
    for (const expect of ['open', 'reachable'] as const) {
      const check = withTable(expect, rst, [listener]);
      t.is(check.status, 'fail');
      t.regex(check.notes.join(), /refused, although the destination listens there/);
      t.true(check.outcomes[0]!.listening);
    }
});

test('a listener on :: may or may not take IPv4: nothing is claimed', (t) => {
  t.like(withTable('reachable', rst, [':::8563']), { status: 'pass', proof: 'inferred', notes: [] });
  t.like(withTable('open', connected, [':::8563']), { status: 'pass', notes: [] });
  t.is(withTable('open', connected, [':::8563']).outcomes[0]!.listening, undefined);
});

test('open although nothing listens there warns, unless the service identified itself', (t) => {
  const check = withTable('open', connected, ['127.0.0.1:8563', '0.0.0.0:22']);
  t.is(check.status, 'warn');
  t.regex(check.notes.join(), /nothing listens there on the destination: a port mapping/);
  const greeted = { kind: 'dialogue', service: 'mysql', outcome: 'open', detail: 'MariaDB' } as const;
  t.like(withTable('open', greeted, []), { status: 'pass', proof: 'identified' });
});

test('where the address may be translated, a listener on the port is no proof either way', (t) => {
  t.is(withTable('open', connected, ['192.168.0.2:8563'], ['192.168.0.2']).status, 'pass');
  t.is(withTable('reachable', rst, ['0.0.0.0:8563'], ['192.168.0.2']).status, 'pass');
  t.is(withTable('open', connected, ['127.0.0.1:8563'], ['192.168.0.2']).status, 'warn');
});

test('closed and refused with no listener passes, and proves no firewall', (t) => {
  const check = withTable('closed', rst, []);
  t.is(check.status, 'pass');
  t.deepEqual(check.notes, ['refused because nothing listens there: no firewall proven']);
});

test('a range is split by the LISTEN table, and the note says which ports it is about', (t) => {
  const check = only(
    judged(
      flow({ expect: 'reachable', ports: '20000-20009', pairs: [[a, b]] }),
      observations({ a: { '10.0.0.2': { '20000-20009': rst } } }, [
        vantage('b', { facts: facts(['10.0.0.2'], ['0.0.0.0:20003']) }),
      ]),
    ),
  );
  t.deepEqual(
    check.outcomes.map(({ listening, ports, status }) => [ports, status, listening]),
    [
      ['20000-20002,20004-20009', 'pass', false],
      ['20003', 'fail', true],
    ],
  );
  t.regex(check.notes.join(), /^20003: refused, although/);
});

// Groups

const group = flow({
  any: 'hosts',
  pairs: [
    [a, b],
    [a, c],
  ],
});
const states = (checks: readonly ReportCheck[]) => checks.map(({ status }) => status);

test('of a group one host has to answer, and the others are held only to reachable', (t) => {
  const checks = judged(group, observations({ a: { '10.0.0.2': { '8563': connected }, '10.0.0.3': { '8563': rst } } }));
  t.deepEqual(states(checks), ['pass', 'pass']);
  t.is(checks[1]!.proof, 'inferred');
  t.is(checks[0]!.group, checks[1]!.group);
  t.deepEqual(
    states(judged(group, observations({ a: { '10.0.0.2': { '8563': connected }, '10.0.0.3': { '8563': silence } } }))),
    ['pass', 'fail'],
  );
});

test('a group of which no host answers fails as a whole', (t) => {
  const checks = judged(group, observations({ a: { '10.0.0.2': { '8563': rst }, '10.0.0.3': { '8563': rst } } }));
  t.deepEqual(states(checks), ['fail', 'fail']);
  t.deepEqual(checks[0]!.notes, ['no host of the group answers']);
});

test('an untested host of a group may be the one that answers: the reachable ones are unknown, the others fail', (t) => {
  const three = flow({
    any: 'hosts',
    pairs: [
      [a, b],
      [a, c],
      [a, far],
    ],
  });
  const untried = { kind: 'untried', cause: 'out-of-sockets', detail: '' } as const;
  const seen = { '10.0.0.2': { '8563': rst }, '10.0.0.3': { '8563': silence }, '10.9.0.9': { '8563': untried } };
  t.deepEqual(states(judged(three, observations({ a: seen }))), ['unknown', 'fail', 'unknown']);
});

test('groups are judged per source', (t) => {
  const both = flow({
    any: 'hosts',
    pairs: [
      [a, c],
      [b, c],
    ],
  });
  t.deepEqual(
    states(
      judged(both, observations({ a: { '10.0.0.3': { '8563': connected } }, b: { '10.0.0.3': { '8563': rst } } })),
    ),
    ['pass', 'fail'],
  );
});

// Unprobed

test('a login that failed is unknown with its sentence, and a broken connection keeps what is known', (t) => {
  const failed = only(
    judged(
      flow({ pairs: [[a, b]] }),
      observations({}, [vantage('a', { status: 'failed', error: 'host key of a is not known' })]),
    ),
  );
  t.is(failed.status, 'unknown');
  t.like(failed.outcomes[0], {
    outcome: 'unprobed',
    untried: 'no-login',
    reason: 'no login: host key of a is not known',
  });
  const lost = only(
    judged(
      flow({ expect: 'reachable', ports: '1-10', pairs: [[a, b]] }),
      observations({ a: { '10.0.0.2': { '1-4': rst } } }, [vantage('a', { status: 'lost', error: 'the line broke' })]),
    ),
  );
  t.is(lost.status, 'unknown');
  t.deepEqual(
    lost.outcomes.map(({ outcome, ports, reason }) => [ports, outcome, reason]),
    [
      ['1-4', 'refused', 'rst'],
      ['5-10', 'unprobed', 'connection lost: the line broke'],
    ],
  );
});

test('an interrupted run leaves unknown what it did not get to', (t) => {
  const check = only(judged(flow({ pairs: [[a, b]] }), observations({ a: {} }, [], true)));
  t.like(check, { status: 'unknown' });
  t.is(check.outcomes[0]!.untried, 'interrupted');
});

test('an address that the source itself owns is unknown, unless the flow says self', (t) => {
  const vip = endpoint('vip', '10.0.0.1');
  const seen = observations({ a: { '10.0.0.1': { '8563': connected } } }, [vantage('a', { facts: ownA })]);
  t.like(only(judged(flow({ pairs: [[a, vip]] }), seen)).outcomes[0], { outcome: 'unprobed', untried: 'own-address' });
  t.is(only(judged(flow({ self: true, pairs: [[a, vip]] }), seen)).status, 'pass');
});

test('a name that leads to any loopback address leads home; a loopback literal of the inventory may be another host', (t) => {
  const neighbour = host('neighbour', '127.0.0.12');
  const named = endpoint('named', 'db.example');
  const seen = observations(
    {
      a: {
        '127.0.0.12': { '8563': connected },
        'db.example': [addressSeen('127.0.1.1', { '8563': connected })],
      },
    },
    [vantage('a', { facts: ownA })],
  );
  t.is(only(judged(flow({ pairs: [[a, neighbour]] }), seen)).status, 'pass');
  t.is(only(judged(flow({ pairs: [[a, named]] }), seen)).outcomes[0]!.untried, 'own-address');
});

test('of a flow to ports of several services each port is held to its own', (t) => {
  const stranger = {
    kind: 'dialogue',
    service: 'mysql',
    outcome: 'mismatch',
    detail: 'an HTTP server answers',
  } as const;
  const check = only(
    judged(
      flow({ ports: '2883-2884', services: { '2883': 'mysql' }, pairs: [[a, b]] }),
      observations({ a: { '10.0.0.2': { '2883': stranger, '2884': connected } } }),
    ),
  );
  t.is(check.status, 'fail');
  t.deepEqual(
    check.outcomes.map(({ ports, outcome }) => [ports, outcome]),
    [
      ['2883', 'mismatch'],
      ['2884', 'open'],
    ],
  );
});

// Rows without hosts

test('a flow whose role nobody holds is one skipped row', (t) => {
  const row = only(
    judged(
      flow({
        id: 'ldap',
        from: ['node'],
        to: ['ldap-server'],
        state: { kind: 'skipped', reason: 'no host holds ldap-server' },
      }),
      observations({}),
    ),
  );
  t.like(row, { id: 'site/ldap', status: 'skipped', from: null, to: null, fromRole: 'node', toRole: 'ldap-server' });
  t.deepEqual(row.notes, ['no host holds ldap-server']);
});

test('sources that nobody can log in to are unknown, alone or beside others', (t) => {
  const state = { kind: 'no-vantage', endpoints: ['far'], reason: '' } as const;
  const row = only(judged(flow({ state }), observations({})));
  t.is(row.status, 'unknown');
  t.is(row.outcomes[0]!.reason, 'no vantage: log in from a stand-in host for far, or waive it');
  const beside = judged(
    flow({ pairs: [[a, b]], sourcesWithoutVantage: ['far'] }),
    observations({ a: { '10.0.0.2': { '8563': connected } } }),
  );
  t.deepEqual(
    beside.map(({ id, status }) => [id, status]),
    [
      ['site/flow/a/b', 'pass'],
      ['site/flow/no-vantage', 'unknown'],
    ],
  );
});

test('destinations without an address on the flow’s network are one unknown row', (t) => {
  const rows = judged(
    flow({ pairs: [[a, b]], destinationsWithoutAddress: ['c'] }),
    observations({ a: { '10.0.0.2': { '8563': connected } } }),
  );
  t.like(rows[1], { id: 'site/flow/no-address', status: 'unknown' });
});

// Severity and waivers

test('an advisory flow that would fail warns; unknown stays unknown', (t) => {
  const advisory = flow({ severity: 'advisory', pairs: [[a, b]] });
  t.is(only(judged(advisory, observations({ a: { '10.0.0.2': { '8563': rst } } }))).status, 'warn');
  t.is(only(judged(advisory, observations({ a: {} }))).status, 'unknown');
});

const waiver: Waiver = { flow: 'site/flow', from: 'a', to: undefined, reason: 'NET-4711', until: '2026-12-31' };

function waived(answer: typeof rst, waivers: Waiver[]) {
  return only(judged(flow({ pairs: [[a, b]] }), observations({ a: { '10.0.0.2': { '8563': answer } } }), { waivers }));
}

test('a waived check that fails is waived, with reason and end, and keeps its outcomes', (t) => {
  const check = waived(rst, [waiver]);
  t.is(check.status, 'waived');
  t.deepEqual(check.notes, ['fail, waived until 2026-12-31: NET-4711']);
  t.is(check.outcomes[0]!.outcome, 'refused');
});

test('a waiver holds on its last day, and no longer', (t) => {
  t.is(waived(rst, [{ ...waiver, until: today }]).status, 'waived');
  const expired = waived(rst, [{ ...waiver, until: '2026-11-20' }]);
  t.is(expired.status, 'fail');
  t.deepEqual(expired.notes, ['its waiver ended on 2026-11-20 and no longer waives (NET-4711)']);
});

test('a passing check says that its waiver is no longer needed', (t) => {
  t.deepEqual(waived(connected, [waiver]).notes, ['no longer needs its waiver (NET-4711)']);
});

test('waivers select by flow, scenario, host and role', (t) => {
  t.is(waived(rst, [{ ...waiver, flow: 'flow', from: 'node', to: 'b' }]).status, 'waived');
  t.is(waived(rst, [{ ...waiver, flow: 'other/flow' }]).status, 'fail');
  t.is(waived(rst, [{ ...waiver, from: 'b' }]).status, 'fail');
  t.is(waived(rst, [{ ...waiver, to: 'c' }]).status, 'fail');
});

test('a row without vantage can be waived, by its endpoint or its role, but not by one of several endpoints', (t) => {
  const row = (endpoints: string[], from: string) =>
    only(
      judged(flow({ from: ['outside'], state: { kind: 'no-vantage', endpoints, reason: '' } }), observations({}), {
        waivers: [{ ...waiver, from }],
      }),
    ).status;
  t.is(row(['far'], 'far'), 'waived');
  t.is(row(['far', 'farther'], 'outside'), 'waived');
  t.is(row(['far', 'farther'], 'far'), 'unknown');
});

// Latency

test('connect times are merged, in milliseconds, and a lost SYN is named', (t) => {
  const histogram = (entries: [number, number][], minUs: number, maxUs: number) => ({
    buckets: new Map(entries),
    minUs,
    maxUs,
  });
  const check = only(
    judged(
      flow({ ports: '1-4', pairs: [[a, b]] }),
      observations({
        a: {
          '10.0.0.2': [
            addressSeen('10.0.0.2', { '1-4': connected }, [
              { ports: ports('1-3'), histogram: histogram([[123, 3]], 205.4, 212) },
              { ports: ports('4'), histogram: histogram([[319, 1]], 1_020_000, 1_020_000) },
              { ports: ports('9'), histogram: histogram([[10, 1]], 1, 1) },
            ]),
          ],
        },
      }),
    ),
  );
  t.is(check.status, 'pass');
  t.deepEqual(check.latencyMs, { min: 0.21, median: 0.21, max: 1020 });
  t.deepEqual(check.notes, ['one connect took 1.0 s: its first SYN was lost']);
});
