import test from 'ava';
import { Diagnosis } from '#src/diagnose/diagnose.js';
import { judge } from '#src/judge/judge.js';
import { judgePorts } from '#src/judge/ports.js';
import type { ListenerRecord } from '#src/model/listening.js';
import type { Answer, Observations } from '#src/model/observation.js';
import type { PortOccupancy } from '#src/model/plan.js';
import type { ReportCheck } from '#src/model/report.js';
import type { Occupancy } from '#src/model/scenario.js';
import { facts, flow, host, observations, plan, ports, rst, silence, vantage } from '../judge/build.js';
import { accept, client, failedRecord, listener, proving, record } from '../model/listener-record.js';

const address = '10.0.0.2';
const a = host('a', '10.0.0.1');
const b = host('b', address);
const path = flow({ pairs: [[a, b]] });
const options = { waivers: [], today: '2026-11-21' };
const vantages = [vantage('a', { facts: facts(['10.0.0.1']) }), vantage('b', { facts: facts([address], []) })];

function free(text: string): PortOccupancy {
  const item: Occupancy = {
    ...{ id: 'free', title: 'Free', on: ['node'], port: [{ ports: ports(text) }], cite: ['row 1'], severity: 'error' },
    ...{ match: { ports: 'all', exclude: [] }, when: undefined, remark: undefined },
  };
  return { scenario: 'site', item, host: b, ports: ports(text), services: [] };
}

/** The findings of a path from a to port 8563 of b, and of ports that have to be free there. */
function findings(seen: Observations, { paths = true, occupied = '' } = {}) {
  const checks: ReportCheck[] = [
    ...(occupied === '' ? [] : judgePorts([free(occupied)], seen, options)),
    ...(paths ? judge(plan([path], [], 'preflight'), seen, options) : []),
  ];
  const diagnosis = new Diagnosis(seen);
  for (const check of checks) diagnosis.tell(check);
  return diagnosis.conclude().findings.map((each) => ({ ...each, checks: [...each.checks] }));
}

function only(seen: Observations, which: Parameters<typeof findings>[1] = {}) {
  const [finding, ...others] = findings(seen, which);
  if (finding === undefined || others.length > 0) throw new Error(`${others.length + 1} findings`);
  return finding;
}

const saw = (answer: Answer | undefined, of: ListenerRecord, largeLost = {}) =>
  proving(
    observations({ a: { [address]: answer === undefined ? {} : { '8563': answer } } }, vantages),
    [of],
    largeLost,
  );
const bound = (binds: Record<string, string>, holders: ListenerRecord['holders'] = []) =>
  record('b', { tried: [{ address, binds }], holders });
const up = bound({ '8563': 'ok' });

const failed = (name: string) =>
  record(name, { tried: [{ address: name === 'b' ? address : '10.0.0.3', binds: { '8563': 'EIO' } }] });

test('a port that somebody has is one finding, of the port and of the paths to it', (t) => {
  const seen = saw(undefined, bound({ '8563': 'EADDRINUSE' }, [listener(8563, '0.0.0.0')]));
  t.like(only(seen, { occupied: '8563' }), {
    cause: 'port-in-use',
    owner: 'host',
    summary: 'b: port 8563 is taken by mysqld (pid 812, user mysql): what is to be installed there will fail to start.',
    evidence: [
      'b (10.0.0.2) 8563: in-use (mysqld (pid 812, user mysql))',
      'a → b (10.0.0.2) 8563: unprobed (port in use: mysqld (pid 812, user mysql))',
    ],
    checks: ['site/free/b', 'site/flow/a/b'],
  });
});

test('a connection that has a port is one finding, with the ports to reserve', (t) => {
  const holders = [client(80, address, '10.0.0.7:443'), client(82, address, '10.0.0.7:443')];
  const seen = saw(undefined, bound({ '80,82': 'EADDRINUSE', '81': 'ok' }, holders));
  const { cause, remedy, summary } = only(seen, { paths: false, occupied: '80-82' });
  t.is(cause, 'client-holds-port');
  t.is(
    summary,
    'b: ports 80, 82 are the local end of a connection to 10.0.0.7:443 of curl (pid 9, user ops): a service that wants to listen there at that moment fails to start.',
  );
  t.regex(remedy, /net\.ipv4\.ip_local_reserved_ports=80,82 /);
});

test('a port that is taken beside is a finding of its own', (t) => {
  const seen = saw(undefined, bound({ '80': 'ok' }, [listener(80, '127.0.0.1')]));
  t.like(only(seen, { paths: false, occupied: '80' }), {
    cause: 'port-taken-beside',
    summary:
      'b: port 80 is free on the address of the inventory, but taken on another address: 127.0.0.1:80, by mysqld (pid 812, user mysql): a service that listens on every address fails to start.',
    remedy: "On b: ss -ltnp 'sport = :80'. Stop or move what is there, or let the product listen on 10.0.0.2 only.",
  });
});

test('where nothing of ours can listen, ports and paths are one finding of that host', (t) => {
  const seen = saw(rst, failedRecord('b', 'no listener runs on b: it has none of python, perl that works'));
  const finding = only(seen, { occupied: '8563' });
  t.like(finding, { cause: 'no-listener', owner: 'inventory', checks: ['site/free/b', 'site/flow/a/b'] });
  t.is(
    finding.summary,
    'Nothing of ours could listen on port 8563 of b, which leaves the way there unproven: it has none of python, perl that works.',
  );
});

test('a host that cannot be logged in to is one finding of its ports', (t) => {
  const seen = proving(observations({}, [vantage('b', { status: 'failed', error: 'permission denied' })]), []);
  const { cause, summary } = only(seen, { paths: false, occupied: '8563' });
  t.is(cause, 'no-login');
  t.is(summary, 'Nothing could be tried from b: permission denied.');
});

test('what keeps ports of two hosts from being looked at is two findings', (t) => {
  const seen = proving(observations({}, []), [failed('b'), failed('c')]);
  const rows = [b, host('c', '10.0.0.3')].flatMap((each) => [
    ...judgePorts([{ ...free('8563'), host: each }], seen, options),
  ]);
  const diagnosis = new Diagnosis(seen);
  for (const row of rows) diagnosis.tell(row);
  t.deepEqual(
    diagnosis.conclude().findings.map(({ summary }) => summary),
    ['b', 'c'].map((name) => `The probe on ${name} brought no answer for port 8563: binding gave EIO.`),
  );
});

const impostor: Answer = { kind: 'tokenless', how: 'stranger', said: 'HTTP/1.1 400' };

test('who answers in our listener’s place is looked for on the way', (t) => {
  for (const answer of [impostor, { kind: 'tokenless', how: 'closed' }] as const) {
    const { cause, owner } = only(saw(answer, up));
    t.deepEqual([cause, owner], ['not-our-listener', 'network']);
  }
  const { remedy, summary } = only(saw(impostor, up));
  t.is(
    summary,
    'a connects to port 8563 of b, but not to the listener that waits there (something else than our listener answers: "HTTP/1.1 400"): a proxy, a port mapping or another machine answers in its place.',
  );
  t.regex(remedy, /tcpdump -ni any 'tcp port 8563'.*look for redirect and dnat in: nft list ruleset\.$/);
});

test('a refusal in our listener’s place is forged', (t) => {
  t.is(only(saw(rst, up)).cause, 'forged-refusal');
});

test('silence where our listener waits is a filter’s, or nothing comes back at all', (t) => {
  t.is(only(saw(silence, up)).cause, 'no-answer');
});

test('a filter that reads the payload is asked about', (t) => {
  const heard = { ...up, accepts: [accept('8563', '10.0.0.1')] };
  const { cause, summary } = only(saw({ kind: 'tokenless', how: 'silent' }, heard));
  t.is(cause, 'payload-filtered');
  t.is(
    summary,
    'b accepts connections of a on port 8563, but what is said over them never arrives: a filter on the way reads the payload.',
  );
});

test('a path that loses full-sized packets is one of its MTU', (t) => {
  const { cause, remedy, summary } = only(saw({ kind: 'token', answer: 'word of b' }, up, { a: [address] }));
  t.is(cause, 'large-packets-lost');
  t.is(
    summary,
    'Between a and b small packets pass and full-sized ones are lost: the MTU of the path is smaller than that of the hosts, and the ICMP message that says so is filtered.',
  );
  t.regex(remedy, /tracepath -n 10\.0\.0\.2\./);
});

test('a dead host is one finding of its ports, of the paths to it and of those from it', (t) => {
  const error = 'cannot log in to b (ops@10.0.0.2:22): no route to host: the host is down, or a firewall rejects it';
  const seen = proving(
    observations({ a: { [address]: { '8563': silence } } }, [vantages[0]!, vantage('b', { status: 'failed', error })]),
    [],
  );
  const finding = only(seen, { occupied: '8563' });
  t.is(finding.cause, 'host-silent');
  t.deepEqual(finding.checks, ['site/flow/a/b', 'site/free/b']);
  t.is(
    finding.summary,
    'b (10.0.0.2) answers nobody (tried from a: 3.5 s), and it could not be logged in to (no route to host): the host is down, the address is wrong, or a firewall cuts it off from everybody.',
  );
});

test('a port that answers our token shows that a silent one is filtered', (t) => {
  const range = flow({ ports: '8563-8564', pairs: [[a, b]] });
  const seen = proving(
    observations({ a: { [address]: { '8563': { kind: 'token', answer: 'word of b' }, '8564': silence } } }, vantages),
    [bound({ '8563-8564': 'ok' })],
  );
  const checks = [...judge(plan([range], [], 'preflight'), seen, options)];
  const diagnosis = new Diagnosis(seen);
  for (const check of checks) diagnosis.tell(check);
  const { explain, findings: found } = diagnosis.conclude();
  t.deepEqual(
    found.map(({ cause, summary }) => [cause, summary]),
    [
      [
        'packet-filter-drops',
        'b answers a on other ports, but from port 8564 nothing comes back: a packet filter on the way or on the host drops them.',
      ],
    ],
  );
  t.deepEqual(
    [...explain(checks)][0]!.outcomes.map(({ finding, ports }) => [ports, finding]),
    [
      ['8563', undefined],
      ['8564', 'f1'],
    ],
  );
});

test('an outcome of ports that are taken names its own finding', (t) => {
  const seen = saw(undefined, bound({ '80': 'EADDRINUSE', '81': 'ok' }, [listener(80, '0.0.0.0')]));
  const rows = [...judgePorts([free('80-81')], seen, options)];
  const diagnosis = new Diagnosis(seen);
  for (const row of rows) diagnosis.tell(row);
  const [row] = [...diagnosis.conclude().explain(rows)];
  t.deepEqual(row!.outcomes.map(({ finding, outcome }) => [outcome, finding]).sort(), [
    ['free', undefined],
    ['in-use', 'f1'],
  ]);
});
