import test from 'ava';
import { formatPorts } from '#src/model/port-set.js';
import type { Report, ReportCheck, ReportOutcome } from '#src/model/report.js';
import type { Wanted } from '#src/rules/from-plan.js';
import { wantedByReport } from '#src/rules/from-report.js';
import { host, site } from '../plan/builders.js';

const run = {
  id: 'run-1',
  command: 'check',
  version: '',
  startedAt: '',
  durationMs: 0,
  operator: '',
  controller: '',
  ticket: null,
  options: {},
  filters: {},
  inputs: [],
  complete: true,
  interrupted: false,
};

type Row = Pick<ReportOutcome, 'outcome'> & Partial<ReportOutcome>;

function check(outcomes: readonly Row[], more: Partial<ReportCheck> = {}): ReportCheck {
  return {
    id: '',
    kind: 'path',
    scenario: 'demo',
    flow: 'f',
    title: 'The flow',
    cite: ['row 1'],
    from: 'x',
    to: 'y',
    address: '10.0.0.2',
    sourceAddress: '10.0.0.1',
    ports: '80',
    protocol: 'tcp',
    service: null,
    expect: 'open',
    severity: 'error',
    status: 'fail',
    proof: null,
    group: null,
    outcomes: outcomes.map((row) => ({ ports: '80', count: 1, reason: null, status: 'fail', ...row })),
    latencyMs: null,
    notes: [],
    finding: null,
    ...more,
  };
}

function wanted(
  checks: readonly ReportCheck[],
  members = site(),
  more: Partial<typeof run> = {},
  findings: Report['findings'] = [],
): Wanted {
  return wantedByReport({ findings, run: { ...run, ...more } }, checks, members);
}

/** `x=10.0.0.1 -> y=10.0.0.2 : 80`. */
function lines({ rules }: Wanted): string[] {
  return rules.map(({ destinations, ports, sources }) => {
    const ends = [sources, destinations].map((places) =>
      places.map(({ address, names }) => `${names.join('+')}=${address}`).join(' '),
    );
    return `${ends.join(' -> ')} : ${formatPorts(ports)}`;
  });
}

const usual = 'x=10.0.0.1 -> y=10.0.0.2 : 80';

const matters: readonly Row[] = [
  { outcome: 'timeout' },
  { outcome: 'rejected', reason: 'icmp 3/13 from 10.0.0.254' },
  { outcome: 'unreachable', reason: 'icmp 3/1 from 10.0.0.254' },
  { outcome: 'unreachable', reason: 'EHOSTUNREACH' },
  { outcome: 'refused', reason: 'rst', listening: true },
  { outcome: 'mismatch', problem: 'no-token' },
  { outcome: 'reset', problem: 'no-token' },
  { outcome: 'refused', reason: 'rst', evidence: { kind: 'reset-on-the-way', detail: '' } },
];
for (const row of matters) {
  test(`a firewall may be why: ${JSON.stringify(row)}`, (t) => {
    const made = wanted([check([row])]);
    t.deepEqual(lines(made), [usual]);
    t.deepEqual(made.notes, []);
    t.deepEqual(made.rules[0]?.purposes, [{ flow: 'demo/f', title: 'The flow', document: 'row 1' }]);
  });
}

const others: readonly Row[] = [
  { outcome: 'refused', reason: 'rst' },
  { outcome: 'refused', reason: 'rst', listening: false },
  { outcome: 'unreachable', reason: 'local EPERM' },
  { outcome: 'unreachable', reason: 'local icmp 3/1, no neighbour answered' },
  { outcome: 'unreachable', reason: 'ENETUNREACH' },
  { outcome: 'mismatch', problem: 'stranger' },
  { outcome: 'reset' },
  { outcome: 'name-failure' },
];
for (const row of others) {
  test(`no firewall matter: ${JSON.stringify(row)}`, (t) => {
    const made = wanted([check([row])]);
    t.deepEqual(lines(made), []);
    t.deepEqual(made.notes, [`failed, but not a firewall matter: demo/f (1 check: ${row.outcome})`]);
  });
}

function finding(id: string, cause: string, summary: string): Report['findings'][number] {
  return { id, cause, summary, remedy: '', owner: '', evidence: [], checks: [] };
}

test('what no firewall can mend is left out, and a note says what it is', (t) => {
  const dead = finding('f1', 'host-silent', 'y answers nobody.');
  const hung = finding('f2', 'accept-queue-full', 'z hangs.');
  const banned = finding('f3', 'rate-ban', 'x is banned.');
  const made = wanted(
    [
      check([{ outcome: 'timeout', finding: 'f1' }]),
      check([{ outcome: 'timeout', finding: 'f2', evidence: { kind: 'accept-queue-full', detail: '129 of 128' } }]),
      check([{ outcome: 'unprobed', status: 'unknown', untried: 'rate-ban', finding: 'f3' }], { status: 'unknown' }),
      check([{ outcome: 'timeout', finding: 'f4', ports: '81' }]),
    ],
    site(),
    {},
    [dead, hung, banned, finding('f4', 'packet-filter-drops', 'A filter.')],
  );
  t.deepEqual(lines(made), ['x=10.0.0.1 -> y=10.0.0.2 : 81']);
  t.deepEqual(made.notes, [
    'failed, but not a firewall matter: demo/f (2 checks: timeout)',
    'no rule mends f1: y answers nobody.',
    'no rule mends f2: z hangs.',
    'no rule mends f3: x is banned.',
    '1 check could not be tested: what they need is not in here',
  ]);
});

test('what must be closed and is not is named', (t) => {
  const denied = check([{ outcome: 'open' }, { outcome: 'timeout', ports: '81', status: 'pass' }], {
    expect: 'closed',
  });
  const made = wanted([
    denied,
    { ...denied, to: 'z' },
    check([{ outcome: 'open', status: 'pass' }], { status: 'pass' }),
  ]);
  t.deepEqual(lines(made), []);
  t.deepEqual(made.notes, [
    'open or reached although it must not be, to be closed by a rule: demo/f (x -> y: 80 open; x -> z: 80 open)',
  ]);
});

test('of a check only the ports that failed are asked for', (t) => {
  const outcomes: Row[] = [
    { outcome: 'open', ports: '80', status: 'pass' },
    { outcome: 'timeout', ports: '81-89' },
    { outcome: 'refused', ports: '90' },
  ];
  const made = wanted([check(outcomes)]);
  t.deepEqual(lines(made), ['x=10.0.0.1 -> y=10.0.0.2 : 81-89']);
  t.deepEqual(made.notes, ['failed, but not a firewall matter: demo/f (1 check: refused)']);
});

test('what passed, was waived, is a denial, a port or a rule is not asked for; an advisory flow is', (t) => {
  const silent: Row[] = [{ outcome: 'timeout' }];
  const made = wanted([
    check(silent, { status: 'pass' }),
    check(silent, { status: 'waived' }),
    check(silent, { status: 'warn' }),
    check(silent, { expect: 'closed' }),
    check(silent, { kind: 'port', expect: 'free' }),
    check(silent, { from: null, to: null }),
    check(silent, { status: 'warn', severity: 'advisory', flow: 'mild', to: 'z', address: '10.0.0.3' }),
  ]);
  t.deepEqual(lines(made), ['x=10.0.0.1 -> z=10.0.0.3 : 80']);
});

test('a name is asked for by the literals that it led to, and each by its own source address', (t) => {
  const outcomes: Row[] = [
    { outcome: 'timeout', address: '10.0.0.7', sourceAddress: '10.0.0.1' },
    { outcome: 'timeout', address: 'fd00::7', sourceAddress: 'fd00::1' },
  ];
  const made = wanted([check(outcomes, { address: 'y.example', sourceAddress: null })]);
  t.deepEqual(lines(made), ['x=10.0.0.1 -> y (y.example)=10.0.0.7 : 80', 'x=fd00::1 -> y (y.example)=fd00::7 : 80']);
});

test('a source address that is not known is the inventory’s, else the host’s name', (t) => {
  const unknown = check([{ outcome: 'timeout' }], { sourceAddress: null });
  t.deepEqual(lines(wanted([unknown], site(host('x', 'a', { address: '10.0.0.9' })))), [
    'x=10.0.0.9 -> y=10.0.0.2 : 80',
  ]);
  t.deepEqual(lines(wanted([unknown])), ['x=x -> y=10.0.0.2 : 80']);
});

test('where the proxy is not reached, the way to the proxy is asked for', (t) => {
  const row: Row = { outcome: 'timeout', problem: 'proxy', reason: 'by proxy [fd00::9]:3128: 3.5 s' };
  const through = check([row], { address: 'shop.example', via: '[fd00::9]:3128', sourceAddress: 'fd00::1' });
  t.deepEqual(lines(wanted([through])), ['x=fd00::1 -> HTTP proxy=fd00::9 : 3128']);
  const local = { ...row, outcome: 'unreachable', reason: 'by proxy proxy:3128: local EPERM' } as const;
  t.deepEqual(lines(wanted([check([local], { via: 'proxy:3128' })])), []);
});

test('it is said what a report cannot tell', (t) => {
  const checks = [check([], { status: 'unknown' }), check([], { status: 'unknown' })];
  t.deepEqual(wanted(checks, site(), { complete: false, interrupted: true }).notes, [
    '2 checks could not be tested: what they need is not in here',
    'the report covers a part of the documented flows only',
    'the run was interrupted: what it did not come to is not in here',
  ]);
});
