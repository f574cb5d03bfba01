import test from 'ava';
import { judgePorts } from '#src/judge/ports.js';
import type { Waiver } from '#src/model/inventory.js';
import type { ListenerRecord } from '#src/model/listening.js';
import type { Observations } from '#src/model/observation.js';
import type { PortOccupancy } from '#src/model/plan.js';
import type { ReportCheck } from '#src/model/report.js';
import type { Occupancy } from '#src/model/scenario.js';
import { client, failedRecord, listener, proving, record, settings, unseen } from '../model/listener-record.js';
import { serviceNamed } from '../service.js';
import { host, observations, ports, vantage } from './build.js';

const address = '10.0.0.2';

interface Case {
  readonly ports?: string;
  readonly address?: string;
  readonly any?: true;
  readonly severity?: Occupancy['severity'];
  readonly service?: string;
  readonly waivers?: readonly Waiver[];
}

function occupancy(more: Case): PortOccupancy {
  const covered = ports(more.ports ?? '8563');
  const item: Occupancy = {
    ...{ id: 'free', title: 'The port is free', on: ['node'], port: [{ ports: covered }], cite: ['row 1'] },
    ...{ match: { ports: more.any ? 'any' : 'all', exclude: [] }, severity: more.severity ?? 'error' },
    ...{ when: undefined, remark: undefined },
  };
  const services = more.service === undefined ? [] : [{ service: serviceNamed(more.service), ports: covered }];
  return { scenario: 'site', item, host: host('b', more.address ?? address), ports: covered, services };
}

function judged(seen: Observations, more: Case = {}): ReportCheck {
  const { waivers = [] } = more;
  const [only, ...others] = judgePorts([occupancy(more)], seen, { waivers, today: '2026-11-21' });
  if (only === undefined || others.length > 0) throw new Error('not one row');
  return only;
}

const run = (of: ListenerRecord) => proving(observations({}, [vantage('b')]), [of]);

/** One row: its status, and what became of which ports. */
function said(of: ListenerRecord, more: Case = {}): string {
  const { outcomes, status } = judged(run(of), more);
  return `${status}: ${outcomes.map(({ outcome, ports: some, reason }) => `${outcome} ${some} (${reason})`).join('; ')}`;
}

const bound = (
  binds: Record<string, string>,
  holders: ListenerRecord['holders'] = [],
  more: Parameters<typeof record>[1] = {},
) => record('b', { tried: [{ address, listen: false, binds }], holders, ...more });

const inUse = { '8563': 'EADDRINUSE' };
const taker = listener(8563, '0.0.0.0', { unit: 'mariadb.service' });

test('a row of a report says which port of which host, and where the document asks for it', (t) => {
  const row = judged(run(bound({ '8563': 'ok' })));
  t.deepEqual(row, {
    ...{ id: 'site/free/b', kind: 'port', scenario: 'site', flow: 'free', title: 'The port is free', cite: ['row 1'] },
    ...{ from: null, to: 'b', address, sourceAddress: null, ports: '8563', protocol: 'tcp', service: null },
    ...{ expect: 'free', severity: 'error', status: 'pass', proof: null, group: null },
    outcomes: [{ outcome: 'free', ports: '8563', count: 1, reason: null, status: 'pass' }],
    ...{ latencyMs: null, notes: [], finding: null },
  });
});

test('it is the same where the port is listened on for a flow', (t) => {
  t.is(said(record('b', { tried: [{ address, binds: { '8563': 'ok' } }] })), 'pass: free 8563 (null)');
});

test('a port that a stranger has fails, with who it is', (t) => {
  t.is(said(bound(inUse, [taker])), 'fail: in-use 8563 (mysqld (pid 812, user mysql, mariadb.service))');
  t.is(said(bound(inUse, [taker]), { service: 'redis' }).slice(0, 4), 'fail');
  t.is(
    said(bound(inUse, [listener(8563, '0.0.0.0', unseen)]), { service: 'mysql' }),
    'fail: in-use 8563 (a process that only root may see (user 27))',
  );
  t.is(said(bound(inUse)), 'fail: in-use 8563 (a socket that does not listen)');
});

test('a port is taken whatever the process is called, until the documented service has identified itself: a warning', (t) => {
  const named = { service: 'mysql' };
  const text = 'mysqld (pid 812, user mysql, mariadb.service)';
  t.is(said(bound(inUse, [taker]), named), `fail: in-use 8563 (${text})`);
  const heard = (outcome: 'open' | 'mismatch', service = 'mysql') =>
    proving(observations({ a: { [address]: { '8563': { kind: 'dialogue', service, outcome, detail: '' } } } }), [
      bound(inUse, [taker]),
    ]);
  t.like(judged(heard('mismatch'), named), { status: 'fail' });
  t.like(judged(heard('open'), named).outcomes[0], {
    ...{ outcome: 'in-use', status: 'warn' },
    reason: `the documented service identified itself there: ${text}`,
  });
  t.like(judged(heard('open', 'http'), { service: 'http' }), { status: 'fail' }, 'any web server would answer so');
});

test('a connection that has the port fails, with its other end', (t) => {
  t.is(
    said(bound(inUse, [client(8563, address, '10.0.0.7:443')])),
    'fail: held-by-client 8563 (a connection to 10.0.0.7:443 of curl (pid 9, user ops))',
  );
  // Those of a service have its port too.
  t.regex(said(bound(inUse, [client(8563, address, '10.0.0.7:443'), taker])), /^fail: in-use/);
});

test('taken on IPv6 or on another address only is free, and a warning', (t) => {
  const free = { '8563': 'ok' };
  t.is(
    said(bound(free, [listener(8563, '::')])),
    'warn: free 8563 (taken on IPv6: [::]:8563, by mysqld (pid 812, user mysql))',
  );
  t.is(
    said(bound(free, [listener(8563, '127.0.0.1'), listener(8563, '::1')])),
    'warn: free 8563 (taken on another address: 127.0.0.1:8563, by mysqld (pid 812, user mysql); [::1]:8563, by mysqld (pid 812, user mysql))',
  );
  const sixth = record('b', {
    tried: [{ address: 'fd00::2', binds: free }],
    holders: [listener(8563, '0.0.0.0')],
  });
  t.regex(said(sixth, { address: 'FD00::2' }), /^warn: free 8563 \(taken on IPv4: 0\.0\.0\.0:8563/);
});

test('a bind that failed is not explained by who listens beside', (t) => {
  t.is(said(bound(inUse, [listener(8563, '127.0.0.1')])), 'fail: in-use 8563 (a socket that does not listen)');
});

test('connections beside a port that could be bound are nobody’s business', (t) => {
  t.is(said(bound({ '8563': 'ok' }, [client(8563, '10.0.0.9', '10.0.0.7:443')])), 'pass: free 8563 (null)');
});

test('where every address had to be bound, all but a loopback one may be the one that is meant', (t) => {
  const everywhere = (at: string) =>
    said(record('b', { tried: [{ binds: inUse }], holders: [listener(8563, at)] }), { address: 'b.example' });
  t.regex(everywhere('10.0.0.2'), /^fail: in-use/);
  t.regex(everywhere('0.0.0.0'), /^fail: in-use/);
  t.regex(everywhere('127.0.0.1'), /^warn: free 8563 \(taken on another address/);
});

test('below what only root may bind, the tables tell: free, taken, or held by a client', (t) => {
  const below = { '81': 'EACCES' };
  const free = 'nobody listens there; not tried, since a port below 1024 wants root';
  t.is(said(bound(below), { ports: '81' }), `pass: free 81 (${free})`);
  t.is(
    said(bound(below, [listener(81, '0.0.0.0')]), { ports: '81' }),
    'fail: in-use 81 (mysqld (pid 812, user mysql))',
  );
  t.regex(said(bound(below, [client(81, address, '10.0.0.7:443')]), { ports: '81' }), /^fail: held-by-client 81/);
  for (const elsewhere of ['127.0.0.1', '10.9.0.2'])
    t.regex(said(bound(below, [listener(81, elsewhere)]), { ports: '81' }), /^warn: free 81 \(taken on another/);
});

test('what could not be tried is unknown, and says why', (t) => {
  t.is(
    said(bound({ '8563': 'EADDRNOTAVAIL' }, [taker])),
    'unknown: unprobed 8563 (engine failed: the address is none of the node’s own)',
  );
  t.is(said(bound({ '8563': 'EMFILE' })), 'unknown: unprobed 8563 (out of sockets: EMFILE)');
  t.is(said(bound({ '8563': 'EIO' })), 'unknown: unprobed 8563 (engine failed: binding gave EIO)');
  t.is(said(bound({ '9000': 'ok' })), 'unknown: unprobed 8563 (engine failed: the node said nothing of these ports)');
  t.is(
    said(record('b', { tried: [{ address: '10.9.0.2', binds: { '8563': 'ok' } }] })),
    'unknown: unprobed 8563 (engine failed: the node said nothing of these ports)',
  );
});

test('of a host where nothing could be run nothing is claimed', (t) => {
  const failed = failedRecord('b', 'no listener runs on b: it has none of python, perl that works');
  t.is(said(failed), 'unknown: unprobed 8563 (no listener: it has none of python, perl that works)');
  const noLogin = proving(observations({}, [vantage('b', { status: 'failed', error: 'permission denied' })]), []);
  t.like(judged(noLogin).outcomes[0], {
    reason: 'no login: permission denied',
    status: 'unknown',
    untried: 'no-login',
  });
  const ended = proving(observations({}, [], true), []);
  t.like(judged(ended).outcomes[0], {
    reason: 'interrupted: the run ended before this was tried',
    untried: 'interrupted',
  });
});

test('ports of one state are one outcome, in port order', (t) => {
  const holders = [listener(20_005, '0.0.0.0'), listener(20_003, '0.0.0.0')];
  const tried = { '20003,20005': 'EADDRINUSE', '20000-20002,20004,20006-20010': 'ok' };
  t.is(
    said(bound(tried, holders), { ports: '20000-20010' }),
    'fail: free 20000-20002,20004,20006-20010 (null); in-use 20003,20005 (mysqld (pid 812, user mysql))',
  );
});

test('of a range of which one port will do one suffices', (t) => {
  const of = (binds: Record<string, string>) => judged(run(bound(binds)), { ports: '62881-62890', any: true });
  t.like(of({ '62881-62889': 'EADDRINUSE', '62890': 'ok' }), { status: 'pass' });
  t.like(of({ '62881-62890': 'EADDRINUSE' }), { status: 'fail', notes: ['one port of these would do'] });
  t.is(of({ '62881-62889': 'EADDRINUSE' }).status, 'unknown');
});

test('free ports from which client sockets take theirs are to be reserved', (t) => {
  const observer = { ...settings, ephemeralPorts: ports('3500-65535'), reservedPorts: ports('2000-3510') };
  const notes = (text: string, holders: ListenerRecord['holders'] = []) => {
    const tried = holders.length === 0 ? { [text]: 'ok' } : { [text]: 'EADDRINUSE' };
    return judged(run(bound(tried, holders, { settings: observer })), { ports: text }).notes;
  };
  const advice =
    'inside ip_local_port_range 3500-65535, from which client sockets take their ports: reserve them with sysctl net.ipv4.ip_local_reserved_ports';
  t.deepEqual(notes('8563'), [advice]);
  t.deepEqual(notes('3400,3505-3515'), [`3511-3515: ${advice}`]);
  t.deepEqual(notes('3400-3510'), []);
  t.deepEqual(notes('8563', [taker]), []);
});

test('an advisory row warns, and a waiver waives it, unless it is of paths', (t) => {
  t.is(judged(run(bound(inUse, [taker])), { severity: 'advisory' }).status, 'warn');
  const waiver = { flow: 'site/free', from: undefined, to: 'b', reason: 'NET-1', until: undefined };
  const waived = (more: Partial<Waiver>) =>
    judged(run(bound(inUse, [taker])), { waivers: [{ ...waiver, ...more }] }).status;
  t.is(waived({}), 'waived');
  t.is(waived({ to: 'node' }), 'waived');
  t.is(waived({ to: 'c' }), 'fail');
  t.is(waived({ from: 'a' }), 'fail');
  t.is(waived({ flow: 'site/other' }), 'fail');
});
