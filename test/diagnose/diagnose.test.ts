import test from 'ava';
import { causes } from '#src/diagnose/causes.js';
import { Diagnosis } from '#src/diagnose/diagnose.js';
import { judge } from '#src/judge/judge.js';
import type { Answer, Observations } from '#src/model/observation.js';
import type { PlannedFlow } from '#src/model/plan.js';
import type { SecondLook } from '#src/model/second-look.js';
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
  rst,
  silence,
  vantage,
} from '../judge/build.js';

const a = host('a', '10.0.0.1');
const b = host('b', '10.0.0.2');
const c = host('c', '10.0.0.3');

function diagnosed(flows: PlannedFlow | PlannedFlow[], seen: Observations) {
  const checks = judge(plan([flows].flat()), seen, {
    waivers: [{ flow: 'waived', from: undefined, to: undefined, reason: 'known', until: undefined }],
    today: '2026-11-21',
  });
  const diagnosis = new Diagnosis(seen);
  for (const check of checks) diagnosis.tell(check);
  const { explain, findings } = diagnosis.conclude();
  return { checks: [...explain(checks)], findings: findings.map((each) => ({ ...each, checks: [...each.checks] })) };
}

function onlyFinding(flows: PlannedFlow | PlannedFlow[], seen: Observations) {
  const { findings } = diagnosed(flows, seen);
  if (findings.length !== 1) throw new Error(`${findings.length} findings: ${findings.map(({ cause }) => cause)}`);
  return findings[0]!;
}

const one = flow({ pairs: [[a, b]] });
const tableOfB = (...listeners: string[]) => [vantage('b', { facts: facts(['127.0.0.1', '10.0.0.2'], listeners) })];
const answer = (what: Parameters<typeof addressSeen>[1], ...vantages: Parameters<typeof observations>[1] & object) =>
  observations({ a: { '10.0.0.2': what } }, vantages);

test('refused and nothing listens: the service is down, and ss is the next step', (t) => {
  const finding = onlyFinding(one, answer({ '8563': rst }, ...tableOfB('0.0.0.0:22')));
  t.is(finding.cause, 'service-down');
  t.is(finding.owner, 'service');
  t.is(
    finding.summary,
    'b refuses port 8563, and nothing listens there: the service is not running, or uses another port.',
  );
  t.true(finding.remedy.includes("On b: ss -ltnp 'sport = :8563'"));
  t.deepEqual(finding.evidence, ['a → b (10.0.0.2) 8563: refused (rst)']);
});

test('refused and listening on loopback only: the address it is bound to is named', (t) => {
  const finding = onlyFinding(one, answer({ '8563': rst }, ...tableOfB('127.0.0.1:8563')));
  t.is(finding.cause, 'bound-to-loopback');
  t.regex(finding.summary, /listens on 127\.0\.0\.1:8563 only/);
  t.regex(finding.remedy, /listen on 10\.0\.0\.2 or on every address/);
});

const byName = flow({ pairs: [[a, host('b', 'b.example')]] });
/** The name's other address is connected to. */
const answersOf = (what: Parameters<typeof addressSeen>[1]) =>
  observations({
    a: { 'b.example': [addressSeen('fd00::2', what), addressSeen('10.0.0.2', { '8563': connected })] },
  });

const mismatched = { kind: 'dialogue', service: 'mysql', outcome: 'mismatch', detail: 'another' } as const;

const causeOf: readonly [title: string, cause: string, flow: PlannedFlow, seen: Observations][] = [
  [
    'refused, bound to another of its addresses',
    'bound-to-another-address',
    one,
    answer({ '8563': rst }, ...tableOfB('10.9.0.2:8563')),
  ],
  ['refused although it listens there', 'forged-refusal', one, answer({ '8563': rst }, ...tableOfB('0.0.0.0:8563'))],
  ['refused by a host whose table is not known', 'connection-refused', one, answer({ '8563': rst })],
  ['rejected by the destination itself', 'host-firewall', one, answer({ '8563': icmp(3, 10, '10.0.0.2') })],
  [
    'rejected by the destination itself, whose address the inventory writes in another way',
    'host-firewall',
    flow({ pairs: [[a, host('b', 'FD00:0::0002')]] }),
    observations({ a: { 'FD00:0::0002': { '8563': icmp(1, 1, 'fd00::2', 6) } } }),
  ],
  ['rejected by a device on the way', 'network-firewall', one, answer({ '8563': icmp(3, 13, '10.0.0.254') })],
  [
    'rejected, and the engine cannot see by whom',
    'firewall-rejects',
    one,
    answer({ '22': connected, '8563': errno('EHOSTUNREACH') }, vantage('a', { engine: 'perl' })),
  ],
  ['silent, while other ports answer', 'packet-filter-drops', one, answer({ '22': connected, '8563': silence })],
  ['silent altogether', 'no-answer', one, answer({ '8563': silence })],
  ['silence of one address of a name', 'other-address-answers', byName, answersOf({ '8563': silence })],
  ['no route to one address of a name', 'other-address-answers', byName, answersOf({ '8563': errno('ENETUNREACH') })],
  [
    'no neighbour',
    'host-silent',
    one,
    answer({ '8563': icmp(3, 1, '10.0.0.1') }, vantage('a', { facts: facts(['10.0.0.1']) })),
  ],
  [
    'no neighbour where the host was logged in to',
    'destination-unreachable',
    one,
    answer({ '8563': icmp(3, 1, '10.0.0.1') }, vantage('a', { facts: facts(['10.0.0.1']) }), ...tableOfB()),
  ],
  [
    'an OUTPUT rule of the source',
    'source-rule',
    one,
    answer({ '8563': icmp(3, 13, '10.0.0.1') }, vantage('a', { facts: facts(['10.0.0.1']) })),
  ],
  ['EPERM', 'source-rule', one, answer({ '8563': errno('EPERM') })],
  [
    'a name that does not resolve',
    'name-not-resolved',
    flow({ pairs: [[a, b, 'db']] }),
    observations({ a: { db: 'EAI_NONAME' } }),
  ],
  [
    'another service',
    'wrong-service',
    flow({ service: 'mysql', pairs: [[a, b]] }),
    answer({ '8563': { ...mismatched, problem: 'stranger' } }),
  ],
  [
    'a service that says nothing',
    'service-silent',
    flow({ service: 'mysql', pairs: [[a, b]] }),
    answer({ '8563': { ...mismatched, problem: 'silent' } }),
  ],
  [
    'a gateway with nothing behind it',
    'upstream-down',
    flow({ service: 'mysql', pairs: [[a, b]] }),
    answer({ '8563': { ...mismatched, problem: 'upstream-down' } }),
  ],
  [
    'an expired certificate',
    'bad-certificate',
    flow({ service: 'mysql', pairs: [[a, b]] }),
    answer({ '8563': { ...mismatched, problem: 'certificate' } }),
  ],
  [
    'the right service with another answer',
    'wrong-answer',
    flow({ service: 'mysql', pairs: [[a, b]] }),
    answer({ '8563': { ...mismatched, problem: 'answer' } }),
  ],
  [
    'accepted and closed',
    'service-closes',
    flow({ service: 'mysql', pairs: [[a, b]] }),
    answer({ '8563': { kind: 'dialogue', service: 'mysql', outcome: 'reset', detail: 'closed' } }),
  ],
  [
    'a MySQL server that has blocked the source',
    'source-blocked',
    flow({ service: 'mysql', pairs: [[a, b]] }),
    answer({
      '8563': {
        kind: 'dialogue',
        service: 'mysql',
        outcome: 'open',
        detail: 'blocked (1129)',
        warning: 'unblock it',
        problem: 'source-blocked',
      },
    }),
  ],
  ['open although nothing listens', 'answered-by-another', one, answer({ '8563': connected }, ...tableOfB())],
  [
    'open where closed is expected',
    'unexpectedly-open',
    flow({ expect: 'closed', pairs: [[a, b]] }),
    answer({ '8563': connected }),
  ],
  [
    'refused where filtered is expected',
    'not-filtered',
    flow({ expect: 'filtered', pairs: [[a, b]] }),
    answer({ '8563': rst }),
  ],
  [
    'silence without a control',
    'unproven-denial',
    flow({ expect: 'closed', pairs: [[a, b]] }),
    answer({ '8563': silence }),
  ],
  ['no login', 'no-login', one, observations({}, [vantage('a', { status: 'failed', error: 'refused' })])],
  ['a lost connection', 'connection-lost', one, observations({}, [vantage('a', { status: 'lost', error: 'broke' })])],
  [
    'forwarding forbidden',
    'forwarding-forbidden',
    one,
    answer({ '8563': { kind: 'untried', cause: 'forwarding-forbidden', detail: '' } }),
  ],
  [
    'endpoints as sources',
    'no-vantage',
    flow({ state: { kind: 'no-vantage', endpoints: ['x'], reason: '' } }),
    observations({}),
  ],
];

for (const [title, cause, planned, seen] of causeOf)
  test(`${title}: ${cause}`, (t) => {
    t.is(onlyFinding(planned, seen).cause, cause);
  });

test('after one silent port of a host that is up, no more is said than was tried', (t) => {
  const alive = onlyFinding(one, answer({ '8563': silence }, ...tableOfB()));
  t.is(alive.cause, 'no-answer');
  t.is(
    alive.summary,
    'Nothing comes back to a from port 8563 of b (10.0.0.2), which is up and has that address: something on the way there or back, or on one of the two hosts, drops it. Whether other ports answer is not known.',
  );
  const elsewhere = vantage('b', { facts: facts(['10.0.0.99'], []) });
  t.is(
    onlyFinding(one, answer({ '8563': silence }, elsewhere)).summary,
    'Nothing comes back to a from port 8563 of b (10.0.0.2): a firewall drops it, the address is wrong, or the host is down. Whether other ports answer is not known.',
  );
});

test('a firewall drops everything: said where several ports and the SSH port are silent', (t) => {
  const planned = flow({ ports: '8563-8565', pairs: [[a, b]] });
  const seen = (what: Parameters<typeof addressSeen>[1]) => answer(what, ...tableOfB());
  t.is(
    onlyFinding(planned, seen({ '22,8563-8565': silence })).summary,
    'Nothing at all comes back to a from b (10.0.0.2), which is up and has that address: a firewall drops everything on the way there or back, that of a among those that may.',
  );
  for (const [flows, less] of [
    [planned, { '8563-8565': silence }],
    [one, { '22,8563': silence }],
  ] as const)
    t.regex(
      onlyFinding(flows, seen(less)).summary,
      /^Nothing comes back .* Whether other ports answer is not known\.$/,
    );
});

const look = (more: Partial<SecondLook>): Pick<Observations, 'secondLooks'> => ({
  secondLooks: new Map([
    [
      'a',
      new Map([
        [
          '10.0.0.2',
          {
            ...{ address: '10.0.0.2', destination: 'b', segments: [], tries: [], controls: [], hostKey: undefined },
            ...{ route: undefined, resetsFromNearer: undefined, resetsFromHost: undefined },
            ...more,
          },
        ],
      ]),
    ],
  ]),
});

test('the SSH port that a second look asked is named where it answers and the port does not', (t) => {
  const seen = answer({ '8563': silence }, ...tableOfB());
  const key = { kind: 'key', port: 2222, fingerprint: 'SHA256:x' } as const;
  const finding = onlyFinding(one, { ...seen, ...look({ hostKey: key }) });
  t.is(finding.cause, 'packet-filter-drops');
  t.is(
    finding.summary,
    'b answers a on SSH port 2222, but from port 8563 nothing comes back: a packet filter on the way or on the host drops them.',
  );
  const silentToo = { kind: 'not-reached', port: 2222, answer: silence } as const;
  const tries = [{ port: 9999, tries: [{ sourcePort: 40_000, answer: silence }] }];
  t.regex(onlyFinding(one, { ...seen, ...look({ hostKey: silentToo, tries }) }).summary, /^Nothing at all comes back/);
  t.is(onlyFinding(one, { ...seen, ...look({ hostKey: silentToo }) }).cause, 'no-answer');
});

test('a token answered by our listener is an answer of the host, and the ICMP of a router is none', (t) => {
  const planned = flow({ expect: 'reachable', ports: '8563', pairs: [[a, b]] });
  const token = { kind: 'token', answer: 'word of b' } as const;
  t.is(onlyFinding(planned, answer({ '80': token, '8563': silence })).cause, 'packet-filter-drops');
  t.is(onlyFinding(planned, answer({ '80': icmp(3, 13, '10.0.0.254'), '8563': silence })).cause, 'no-answer');
});

test('what other sources and the host itself get from the port tells whose filter it is', (t) => {
  const ofC = (what: Answer) =>
    observations({ a: { '10.0.0.2': { '8563': silence } }, c: { '10.0.0.2': { '8563': what } } }, tableOfB());
  const filtered = onlyFinding(one, ofC(connected));
  t.is(filtered.cause, 'source-filtered');
  t.is(
    filtered.summary,
    'From port 8563 of b answers come back to c, but none to a: a packet filter on the way or on b treats the sources differently.',
  );
  // Turned away by the host's own firewall: not open to that one either.
  t.is(onlyFinding(one, ofC(icmp(3, 13, '10.0.0.2'))).cause, 'no-answer');
  const itself = observations(
    { a: { '10.0.0.2': { '22': connected, '8563': silence } }, b: { '10.0.0.2': { '8563': silence } } },
    tableOfB(),
  );
  const own = onlyFinding(one, itself);
  t.is(own.cause, 'host-filter-drops');
  t.is(
    own.summary,
    'Not even b itself gets an answer from port 8563 at 10.0.0.2: the packet filter of b drops them, or the service there takes no more connections. No other device is the cause.',
  );
});

test('silence among rejections is the same rule, and the finding says why', (t) => {
  const range = flow({ expect: 'reachable', ports: '20000-20009', pairs: [[a, b]] });
  const seen = answer({ '20000-20002': icmp(3, 3, '10.0.0.2'), '20003-20009': silence });
  const finding = onlyFinding(range, seen);
  t.is(finding.cause, 'host-firewall');
  t.regex(finding.summary, /Linux sends only a few ICMP messages a second/);
});

test('one finding for all that a cause explains: many ports, many flows, many sources', (t) => {
  const flows = [
    flow({
      id: 'one',
      ports: '8563',
      pairs: [
        [a, b],
        [c, b],
      ],
    }),
    flow({ id: 'two', ports: '2580', pairs: [[a, b]] }),
  ];
  const seen = observations(
    { a: { '10.0.0.2': { '2580,8563': rst } }, c: { '10.0.0.2': { '8563': rst } } },
    tableOfB(),
  );
  const { checks, findings } = diagnosed(flows, seen);
  t.is(findings.length, 1);
  t.regex(findings[0]!.summary, /^b refuses ports 2580, 8563/);
  t.deepEqual(
    findings[0]!.checks,
    checks.map(({ id }) => id),
  );
  t.deepEqual(new Set(checks.map(({ finding }) => finding)), new Set(['f1']));
});

test('ports that differ from pair to pair are no rule: a finding for each host, however many sets there are', (t) => {
  const hosts = Array.from({ length: 12 }, (_, i) => host(`h${i}`, `10.0.1.${i + 1}`));
  const pairs = hosts.flatMap((from) =>
    hosts.filter((to) => to !== from).map((to): [typeof from, typeof to] => [from, to]),
  );
  const seen = observations(
    Object.fromEntries(
      hosts.map((from, i) => [
        from.name,
        Object.fromEntries(
          hosts.flatMap((to, k) => {
            const silent = 20_001 + i * 12 + k;
            const others = `20000-${silent - 1},${silent + 1}-21000`;
            return to === from ? [] : [[to.address, { [others]: rst, [silent]: silence }]];
          }),
        ),
      ]),
    ),
  );
  const { checks, findings } = diagnosed(flow({ expect: 'reachable', ports: '20000-21000', pairs }), seen);
  t.is(checks.length, 132);
  t.deepEqual(new Set(findings.map(({ cause }) => cause)), new Set(['source-filtered']));
  t.true(findings.length <= hosts.length, `${findings.length} findings`);
  t.deepEqual(findings.flatMap((finding) => finding.checks).sort(), checks.map(({ id }) => id).sort());
  for (const { checks: ids, id } of findings)
    t.deepEqual(
      ids,
      checks.filter(({ finding }) => finding === id).map((check) => check.id),
    );
});

test('one finding for each place: two hosts down are two', (t) => {
  const seen = observations({ a: { '10.0.0.2': { '8563': rst }, '10.0.0.3': { '8563': rst } } }, [
    ...tableOfB(),
    vantage('c', { facts: facts(['10.0.0.3'], []) }),
  ]);
  const { findings } = diagnosed(
    flow({
      pairs: [
        [a, b],
        [a, c],
      ],
    }),
    seen,
  );
  t.deepEqual(
    findings.map(({ summary }) => summary[0]),
    ['b', 'c'],
  );
});

test('a host that is silent to everybody is one finding, with what speaks for it', (t) => {
  const seen = observations(
    { a: { '10.0.0.2': { '8563': silence } }, c: { '10.0.0.2': { '8563': silence } } },
    tableOfB('0.0.0.0:8563'),
  );
  const finding = onlyFinding(
    flow({
      pairs: [
        [a, b],
        [c, b],
      ],
    }),
    seen,
  );
  t.is(finding.cause, 'no-answer');
  t.deepEqual(finding.evidence.slice(2), ['b is up: it was logged in to', 'b listens on 0.0.0.0:8563']);
});

test('the finding that weighs most is the check’s own, and failures are told first', (t) => {
  const flows = [
    flow({ id: 'advice', severity: 'advisory', ports: '9100', pairs: [[a, b]] }),
    flow({ id: 'denied', expect: 'closed', ports: '2911', pairs: [[a, c]] }),
    flow({ id: 'wanted', ports: '8563,8564', pairs: [[a, b]] }),
  ];
  const untried = { kind: 'untried', cause: 'out-of-sockets', detail: 'EMFILE' } as const;
  const seen = observations({
    a: {
      '10.0.0.2': { '8563': icmp(3, 13, '10.0.0.254'), '8564': untried, '9100': rst },
      '10.0.0.3': { '2911': silence },
    },
  });
  const { checks, findings } = diagnosed(flows, seen);
  t.deepEqual(
    findings.map(({ cause }) => cause),
    ['network-firewall', 'unproven-denial', 'out-of-sockets', 'connection-refused'],
  );
  t.deepEqual(
    checks.map(({ finding }) => finding),
    ['f4', 'f2', 'f1'],
  );
});

test('what passes, is skipped or waived has no finding', (t) => {
  const flows = [
    flow({ pairs: [[a, b]] }),
    flow({ id: 'absent', state: { kind: 'skipped', reason: '' } }),
    flow({ id: 'waived', ports: '1', pairs: [[a, b]] }),
  ];
  const { checks, findings } = diagnosed(flows, answer({ '8563': connected, '1': rst }));
  t.deepEqual(findings, []);
  t.deepEqual(
    checks.map(({ finding, status }) => [status, finding]),
    [
      ['pass', null],
      ['skipped', null],
      ['waived', null],
    ],
  );
});

test('a proxy that is not reached, and one that refuses, are one finding each, of the proxy', (t) => {
  const via = { host: 'proxy.example', port: 3128, authority: 'proxy.example:3128' };
  const behind = [endpoint('api-1', '10.9.0.1'), endpoint('api-2', '10.9.0.2')].map((each) => ({ ...each, via }));
  const flows = flow({ service: 'mysql', pairs: behind.map((each) => [a, each] as const) });
  const seen = (said: Answer) => {
    const spoken = [
      {
        port: 8563,
        service: 'mysql',
        answer: said,
        phases: {},
        via: { authority: via.authority, address: '10.0.0.9' },
      },
    ];
    const ofEach = behind.map(({ address }) => [address, [{ ...addressSeen(address, {}), spoken }]]);
    return observations({ a: Object.fromEntries(ofEach) });
  };
  const notReached = onlyFinding(flows, seen(silence));
  t.is(notReached.cause, 'proxy-not-reached');
  t.is(
    notReached.summary,
    'a cannot connect to the proxy proxy.example:3128, and so not to api-1 and api-2 (3.5 s): this is about the way to the proxy alone.',
  );
  t.deepEqual(notReached.checks, ['site/flow/a/api-1', 'site/flow/a/api-2']);
  const refuses = onlyFinding(flows, seen({ ...mismatched, detail: 'the proxy refuses: HTTP 403', problem: 'proxy' }));
  t.is(refuses.cause, 'proxy-refuses');
  t.is(
    refuses.summary,
    'a is answered by the proxy proxy.example:3128, but gets no connection to api-1 and api-2 (the proxy refuses: HTTP 403).',
  );
});

test('every cause has a summary and a remedy that are sentences without holes', (t) => {
  const seen = {
    sources: ['a'],
    destinations: ['b'],
    addresses: ['10.0.0.2'],
    ports: [[8563, 8563]] as const,
    senders: ['10.0.0.254'],
    proxies: ['proxy.example:3128'],
    reasons: ['no login: refused'],
    listeners: ['127.0.0.1:8563'],
    flows: ['site/flow'],
    alive: false,
    mixed: false,
    details: ['eth1'],
    loginErrors: ['cannot log in to b (ops@10.0.0.2:22): nothing answered within 10 s'],
    sshPorts: [],
    mute: false,
    others: ['c'],
  };
  for (const [name, cause] of Object.entries(causes))
    for (const text of [cause.summary(seen), cause.remedy(seen)]) {
      t.regex(text, /^[A-Za-z0-9].*[.]$/, name);
      t.notRegex(text, /undefined| {2}|\(\)/, name);
    }
});

test('a component that runs on no host of its group is one finding, which does not ask for it on every host', (t) => {
  const anyOf = flow({
    id: 'kafka',
    ports: '9092',
    any: 'hosts',
    pairs: [
      [a, b],
      [a, c],
    ],
  });
  const seen = observations({ a: { '10.0.0.2': { '9092': rst }, '10.0.0.3': { '9092': rst } } }, [
    vantage('b', { facts: facts(['10.0.0.2'], []) }),
    vantage('c', { facts: facts(['10.0.0.3'], []) }),
  ]);
  const { cause, checks, remedy, summary } = onlyFinding(anyOf, seen);
  t.is(cause, 'no-host-answers');
  t.is(checks.length, 2);
  t.regex(summary, /^One of b and c has to answer on port 9092/);
  t.regex(remedy, /^Find the host that it was installed on/);
});

test('no remedy reloads a firewall, which would drop the rules of containers', (t) => {
  const seen = observations({ a: { '10.0.0.2': { '8563': icmp(3, 13, '10.0.0.2') } } });
  const { remedy } = onlyFinding(one, seen);
  t.regex(remedy, /firewall-cmd --add-port=8563\/tcp, and once more with --permanent/);
  t.notRegex(remedy, /--reload/);
});

test('that a host answers itself is no word of other sources, and that it answers one of them is', (t) => {
  const itself = observations({ a: { '10.0.0.2': { '8563': silence } }, b: { '10.0.0.2': { '8563': connected } } }, [
    vantage('b', { facts: facts(['10.0.0.2'], ['0.0.0.0:8563']) }),
  ]);
  t.is(onlyFinding(one, itself).cause, 'no-answer');
  const noNeighbour = { a: { '10.0.0.2': { '8563': icmp(3, 1, '10.0.0.1') } } };
  const ofA = vantage('a', { facts: facts(['10.0.0.1']) });
  t.is(onlyFinding(one, observations(noNeighbour, [ofA])).cause, 'host-silent');
  const answered = observations({ ...noNeighbour, c: { '10.0.0.2': { '22': connected } } }, [ofA]);
  t.is(onlyFinding(one, answered).cause, 'destination-unreachable');
});

test('silence that proves no denial has its finding beside a rejection that passes', (t) => {
  const denied = flow({ expect: 'closed', ports: '80,81', pairs: [[a, b]] });
  const { checks, findings } = diagnosed(denied, answer({ '80': icmp(3, 13, '10.0.0.254'), '81': silence }));
  t.deepEqual(
    findings.map(({ cause }) => cause),
    ['unproven-denial'],
  );
  t.deepEqual(
    checks[0]!.outcomes.map(({ finding, outcome }) => [outcome, finding]),
    [
      ['rejected', undefined],
      ['timeout', 'f1'],
    ],
  );
});
