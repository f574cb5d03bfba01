import test from 'ava';
import { causes } from '#src/diagnose/causes.js';
import { Diagnosis } from '#src/diagnose/diagnose.js';
import type { OutcomeEvidence, ReportCheck, ReportOutcome } from '#src/model/report.js';
import { observations } from '../judge/build.js';

// What was proven beside an outcome decides its cause: the exact sentence of each.

const noAnswers = observations({}, []);

function check(outcome: Partial<ReportOutcome>, more: Partial<ReportCheck> = {}): ReportCheck {
  return {
    ...{ id: 'site/flow/a/b', kind: 'path', scenario: 'site', flow: 'flow', title: 'A flow', cite: [] },
    ...{ from: 'a', to: 'b', address: '10.0.0.2', sourceAddress: '10.0.0.1', ports: '8563', protocol: 'tcp' },
    ...{ service: null, expect: 'open', severity: 'error', status: 'fail', proof: null, group: null },
    ...{ latencyMs: null, notes: [], finding: null },
    outcomes: [{ outcome: 'timeout', ports: '8563', count: 1, reason: '3.5 s', status: 'fail', ...outcome }],
    ...more,
  };
}

function findings(...checks: readonly ReportCheck[]) {
  const diagnosis = new Diagnosis(noAnswers);
  for (const each of checks) diagnosis.tell(each);
  return diagnosis.conclude().findings;
}

const said: readonly [evidence: OutcomeEvidence, outcome: ReportOutcome['outcome'], owner: string, summary: string][] =
  [
    [
      { kind: 'accept-queue-full', detail: '129 of 128 wait' },
      'timeout',
      'service',
      'b listens on port 8563, but connections wait there to be accepted, and no more fit into the queue (129 of 128 wait): the service hangs or is overloaded. No firewall is the cause.',
    ],
    [
      { kind: 'path-member', detail: 'lost: 10.0.0.1:40001 to 10.0.0.2:8563; good: 10.0.0.1:40002 to 10.0.0.2:8563' },
      'timeout',
      'network',
      'Between a and b the source port decides whether a connection is lost, every time anew (lost: 10.0.0.1:40001 to 10.0.0.2:8563; good: 10.0.0.1:40002 to 10.0.0.2:8563): one member of a bundle on the way, a link or a router, loses what goes over it. It is no rule of a packet filter.',
    ],
    [
      { kind: 'wrong-address', detail: 'c' },
      'refused',
      'inventory',
      '10.0.0.2 does not lead a to b, but to c: the SSH host key that answers there is another one than that of the login.',
    ],
    [
      { kind: 'answered-by-itself', detail: 'local route over lo' },
      'open',
      'source',
      'a answers itself at 10.0.0.2, which is to be the address of b (local route over lo): the packets never leave a.',
    ],
    [
      { kind: 'no-route-back', detail: 'ENETUNREACH' },
      'timeout',
      'host',
      'b has no route back to a (ENETUNREACH): whatever arrives from there, no answer can return.',
    ],
    [
      { kind: 'bound-to-device', detail: 'eth1' },
      'refused',
      'service',
      'On b the service on port 8563 takes connections by eth1 only, and those of a arrive by another device: the kernel of b refuses them.',
    ],
    [
      { kind: 'ipv6-only', detail: 'mysqld' },
      'refused',
      'service',
      'On b the service on port 8563 listens for IPv6 only (mysqld), and a comes over IPv4: the kernel of b refuses that.',
    ],
    [
      { kind: 'mapping', detail: 'docker-proxy' },
      'reset',
      'service',
      'On b docker-proxy takes the connections to port 8563 and passes them on, but nothing answers behind it: the container or backend does not run, or uses another port.',
    ],
    [
      { kind: 'reset-on-the-way', detail: '1 hop before b' },
      'refused',
      'network',
      'a gets a reset for port 8563 of b that b did not send: it comes from nearer than the answers of b (1 hop before b). A firewall on the way sends it.',
    ],
  ];

for (const [evidence, outcome, owner, summary] of said)
  test(`${evidence.kind}: what was proven, and whose it is`, (t) => {
    const found = findings(check({ outcome, evidence }));
    t.is(found.length, 1);
    t.is(found[0]!.cause, evidence.kind === 'mapping' ? 'mapping-without-backend' : evidence.kind);
    t.is(found[0]!.owner, owner);
    t.is(found[0]!.summary, summary);
    t.notRegex(found[0]!.remedy, /undefined|\(\)/);
  });

test('where the port is open although it must not be, that is the finding, unless another machine answers', (t) => {
  const open = (kind: OutcomeEvidence['kind']) =>
    findings(check({ outcome: 'open', evidence: { kind, detail: 'c' } }, { expect: 'closed' })).map(
      ({ cause }) => cause,
    );
  t.deepEqual(open('mapping'), ['unexpectedly-open']);
  t.deepEqual(open('wrong-address'), ['wrong-address']);
});

test('one hung service is one finding, for all sources and flows', (t) => {
  const evidence = { kind: 'accept-queue-full', detail: '129 of 128 wait' } as const;
  const found = findings(
    ...['a', 'c', 'd'].flatMap((from) =>
      ['flow', 'other'].map((flow) => check({ evidence }, { id: `site/${flow}/${from}/b`, from, flow })),
    ),
  );
  t.is(found.length, 1);
  t.is(found[0]!.checks.length, 6);
});

test('a path whose member loses is one finding for all its ports', (t) => {
  const evidence = { kind: 'path-member', detail: 'lost and good' } as const;
  const found = findings(
    check({ evidence }),
    check({ evidence, ports: '80-90', count: 11 }, { id: 'site/other/a/b', flow: 'other' }),
  );
  t.deepEqual(
    found.map(({ cause }) => cause),
    ['path-member'],
  );
  t.is(causes['path-member'].scope, 'route');
});
