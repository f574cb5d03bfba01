import test from 'ava';
import { Diagnosis } from '#src/diagnose/diagnose.js';
import { judge } from '#src/judge/judge.js';
import type { Answer, Observations } from '#src/model/observation.js';
import type { PlannedFlow } from '#src/model/plan.js';
import {
  type addressSeen,
  connected,
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

// What one fault brings about is one finding; what two bring about is two.

const hosts = Array.from({ length: 10 }, (_, i) => host(`n${i}`, `10.0.0.${i + 1}`));
const [first, second, third, fourth] = hosts as [
  (typeof hosts)[0],
  (typeof hosts)[0],
  (typeof hosts)[0],
  (typeof hosts)[0],
];
const up = (...names: string[]) =>
  hosts
    .filter(({ name }) => names.includes(name))
    .map(({ address, name }) => vantage(name, { facts: facts([address], []) }));

function diagnosed(flows: readonly PlannedFlow[], seen: Observations) {
  const checks = [...judge(plan(flows), seen, { waivers: [], today: '2026-11-21' })];
  const diagnosis = new Diagnosis(seen);
  for (const check of checks) diagnosis.tell(check);
  const { explain, findings } = diagnosis.conclude();
  return { checks: [...explain(checks)], findings: findings.map((each) => ({ ...each, checks: [...each.checks] })) };
}

const everyPair = (from: readonly (typeof hosts)[0][], to: readonly (typeof hosts)[0][]) =>
  from.flatMap((one) => to.filter((other) => other !== one).map((other) => [one, other] as const));

test('one dead host of ten, silent and unreachable by turns in other ranges each time, is one finding', (t) => {
  const dead = hosts[3]!;
  const living = hosts.filter((each) => each !== dead);
  const mesh = everyPair(hosts, hosts);
  const seen = observations(
    Object.fromEntries(
      living.map((from, i) => [
        from.name,
        Object.fromEntries(
          hosts
            .filter((to) => to !== from)
            .map((to) => {
              const cut = 20_300 + 10 * i;
              const what: Parameters<typeof addressSeen>[1] =
                to === dead
                  ? { [`20000-${cut}`]: icmp(3, 1, from.address), [`${cut + 1}-21000,2581`]: silence }
                  : { '20000-21000,2581': rst };
              return [to.address, what];
            }),
        ),
      ]),
    ),
    [
      ...up(...living.map(({ name }) => name)),
      vantage(dead.name, {
        status: 'failed',
        error: 'cannot log in to n3 (ops@10.0.0.4:22): nothing answered within 10 s: the host is down',
      }),
    ],
  );
  const flows = [
    flow({ id: 'mesh', expect: 'reachable', ports: '20000-21000', pairs: mesh }),
    flow({ id: 'agent', expect: 'closed', ports: '2581', pairs: mesh }),
  ];
  const { checks, findings } = diagnosed(flows, seen);
  t.is(findings.length, 1);
  t.is(findings[0]!.cause, 'host-silent');
  t.is(
    findings[0]!.summary,
    'n3 (10.0.0.4) answers nobody (tried from n[0:2] and n[4:9]: 3.5 s and local icmp 3/1, no neighbour answered), and it could not be logged in to (nothing answered within 10 s): the host is down, the address is wrong, or a firewall cuts it off from everybody.',
  );
  const bad = checks.filter(({ status }) => status !== 'pass');
  t.true(bad.some(({ from }) => from === 'n3') && bad.some(({ to }) => to === 'n3'));
  t.deepEqual([...findings[0]!.checks].sort(), bad.map(({ id }) => id).sort());
  for (const { outcomes } of bad) for (const { finding } of outcomes) t.is(finding, 'f1');
});

test('a login that a living sshd refused is no sign of a dead host', (t) => {
  const seen = observations({ n0: { '10.0.0.2': { '8563': silence } } }, [
    ...up('n0'),
    vantage('n1', { status: 'failed', error: 'cannot log in to n1 (ops@10.0.0.2:22): it refused the login of ops' }),
  ]);
  const { findings } = diagnosed([flow({ pairs: everyPair([first, second], [first, second]) })], seen);
  t.deepEqual(findings.map(({ cause }) => cause).sort(), ['no-answer', 'no-login']);
});

test('two rules are two findings, each of its ports; one rule is one, whoever meets it', (t) => {
  const planned = flow({ expect: 'reachable', ports: '80-90,443', pairs: everyPair([first, second], [third, fourth]) });
  const closed = { '22': connected, '80-90': silence, '443': silence };
  const answers = (what: Parameters<typeof addressSeen>[1]) => ({ '10.0.0.3': what, '10.0.0.4': what });
  const together = observations({ n0: answers(closed), n1: answers(closed) }, up('n2', 'n3'));
  t.is(diagnosed([planned], together).findings.length, 1);
  const two = [
    flow({ id: 'web', expect: 'reachable', ports: '443', pairs: everyPair([first, second], [third, fourth]) }),
    flow({ id: 'range', expect: 'reachable', ports: '80-90', pairs: everyPair([first, second], [third, fourth]) }),
  ];
  const apart = diagnosed(two, together);
  t.deepEqual(
    apart.findings.map(({ checks, summary }) => [checks.length, /from (.*?) nothing/.exec(summary)?.[1]]),
    [
      [4, 'port 443'],
      [4, 'ports 80-90'],
    ],
  );
});

test('paths that fail alike are told by the end that explains them with fewer findings', (t) => {
  const planned = flow({ pairs: everyPair([first, second], [third, fourth]) });
  const what = (lost: boolean) => ({ '22': connected, '8563': lost ? silence : rst });
  const seen = (lost: readonly string[]) =>
    observations(
      Object.fromEntries(
        [first, second].map((from) => [
          from.name,
          Object.fromEntries([third, fourth].map((to) => [to.address, what(lost.includes(`${from.name}${to.name}`))])),
        ]),
      ),
    );
  const drops = (lost: readonly string[]) =>
    diagnosed([planned], seen(lost))
      .findings.filter(({ evidence }) => evidence.some((line) => line.includes('timeout')))
      .map(({ checks }) => checks.length);
  t.deepEqual(drops(['n0n2', 'n0n3', 'n1n2', 'n1n3']), [4]);
  t.deepEqual(drops(['n0n2', 'n1n3']), [1, 1]);
  t.deepEqual(drops(['n0n2', 'n1n2']), [2]);
});

test('of a group the host that shows the cause explains the others', (t) => {
  const anyOf = flow({ id: 'kafka', ports: '9092', any: 'hosts', pairs: everyPair([first], [second, third]) });
  const seen = observations({ n0: { '10.0.0.2': { '9092': rst }, '10.0.0.3': { '9092': rst } } }, [
    vantage('n1', { facts: facts(['10.0.0.2'], ['127.0.0.1:9092']) }),
    ...up('n2'),
  ]);
  const { checks, findings } = diagnosed([anyOf], seen);
  t.is(findings.length, 1);
  t.is(findings[0]!.cause, 'bound-to-loopback');
  t.is(findings[0]!.summary.slice(0, 20), 'n1 refuses port 9092');
  t.deepEqual(
    checks.map(({ finding }) => finding),
    ['f1', 'f1'],
  );
});

test('every outcome that fails has its own finding, and the silence beside a rejection that one’s', (t) => {
  const planned = flow({ ports: '80-85', pairs: everyPair([first], [second]) });
  const answers: Record<string, Answer> = {
    '80': rst,
    '81': icmp(3, 13, '10.0.0.254'),
    '82': silence,
    '83': errno('EPERM'),
    '84-85': connected,
  };
  const { checks, findings } = diagnosed(
    [planned],
    observations({ n0: { '10.0.0.2': answers } }, [
      vantage('n1', { facts: facts(['10.0.0.2'], ['0.0.0.0:84', '0.0.0.0:85']) }),
    ]),
  );
  const causes = new Map(findings.map(({ cause, id }) => [id, cause]));
  t.deepEqual(
    checks[0]!.outcomes.map(({ finding, ports }) => [ports, finding === undefined ? '' : causes.get(finding)]),
    [
      ['80', 'service-down'],
      ['81', 'network-firewall'],
      ['82', 'network-firewall'],
      ['83', 'source-rule'],
      ['84-85', ''],
    ],
  );
  t.is(checks[0]!.finding, 'f1');
});

test('hosts that are silent to one source are told apart from those that are silent to another', (t) => {
  const planned = flow({ pairs: everyPair([first, second], [third, fourth]) });
  const lost = { '8563': silence };
  const answers = { '8563': connected };
  const seen = observations(
    { n0: { '10.0.0.3': lost, '10.0.0.4': answers }, n1: { '10.0.0.3': answers, '10.0.0.4': lost } },
    up('n2', 'n3'),
  );
  const silentTo = observations({ n0: { '10.0.0.3': lost }, n1: { '10.0.0.4': lost } }, up('n2', 'n3'));
  const pairs = [flow({ id: 'one', pairs: [[first, third]] }), flow({ id: 'two', pairs: [[second, fourth]] })];
  t.deepEqual(
    diagnosed(pairs, silentTo).findings.map(({ cause, checks }) => [cause, checks.length]),
    [
      ['no-answer', 1],
      ['no-answer', 1],
    ],
  );
  t.deepEqual(
    diagnosed([planned], seen)
      .findings.filter(({ cause }) => cause === 'source-filtered')
      .map(({ summary }) => /none to (n\d)/.exec(summary)?.[1]),
    ['n0', 'n1'],
  );
});

test('a host of a group that is silent and does not listen either explains no other', (t) => {
  const anyOf = flow({ id: 'kafka', ports: '9092', any: 'hosts', pairs: everyPair([first], [second, third]) });
  const seen = observations({ n0: { '10.0.0.2': { '22': connected, '9092': silence }, '10.0.0.3': { '9092': rst } } }, [
    ...up('n1', 'n2'),
  ]);
  const { findings } = diagnosed([anyOf], seen);
  t.deepEqual(findings.map(({ cause }) => cause).sort(), ['no-host-answers', 'packet-filter-drops']);
});
