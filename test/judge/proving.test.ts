import test from 'ava';
import { judge } from '#src/judge/judge.js';
import type { ListenerRecord } from '#src/model/listening.js';
import type { Answer } from '#src/model/observation.js';
import type { Plan } from '#src/model/plan.js';
import type { ReportCheck } from '#src/model/report.js';
import type { Expectation } from '#src/model/scenario.js';
import { accept, client, failedRecord, listener, proving, record } from '../model/listener-record.js';
import {
  addressSeen,
  connected,
  endpoint,
  errno,
  facts,
  flow,
  host,
  observations,
  plan,
  rst,
  silence,
  vantage,
} from './build.js';

const address = '10.0.0.2';
const a = host('a', '10.0.0.1');
const b = host('b', address);
const c = host('c', '10.0.0.3');
const ownA = vantage('a', { facts: facts(['127.0.0.1', '10.0.0.1']) });

const ours: Answer = { kind: 'token', answer: 'word of b' };
const tokenless = (how: 'silent' | 'closed' | 'reset' | 'stranger', said?: string): Answer => ({
  ...{ kind: 'tokenless', how },
  ...(said === undefined ? {} : { said }),
});

const listening = (more: Parameters<typeof record>[1] = {}) =>
  record('b', { tried: [{ address, binds: { '8563': 'ok' } }], ...more });

interface Case {
  readonly expect?: Expectation;
  readonly ports?: string;
  readonly records?: readonly ListenerRecord[];
  readonly phase?: Plan['phase'];
  readonly largeLost?: Readonly<Record<string, readonly string[]>>;
  readonly vantages?: Parameters<typeof observations>[1];
}

/** What a saw of b. */
function judged(answers: Readonly<Record<string, Answer>>, settings: Case = {}): ReportCheck {
  const { expect = 'open', largeLost, phase = 'preflight', records = [listening()], vantages = [ownA] } = settings;
  const planned = flow({ expect, ports: settings.ports ?? '8563', pairs: [[a, b]] });
  const seen = proving(observations({ a: { [address]: answers } }, vantages), records, largeLost);
  const [only, ...others] = judge(plan([planned], [], phase), seen, { waivers: [], today: '2026-11-21' });
  if (only === undefined || others.length > 0) throw new Error('not one check');
  return only;
}

/** `STATUS PROOF: OUTCOME PORTS (REASON)…`. */
function said({ outcomes, proof, status }: ReportCheck): string {
  const each = outcomes.map(({ outcome, ports, reason }) => `${outcome} ${ports} (${reason})`);
  return `${status} ${proof}: ${each.join('; ')}`;
}

const permissions = ['open', 'reachable'] as const;

test('our listener’s word passes, and is the proof', (t) => {
  for (const expect of permissions) t.is(said(judged({ '8563': ours }, { expect })), 'pass listener: open 8563 (null)');
});

const impostors: readonly [title: string, answer: Answer, outcome: string][] = [
  ['silence', tokenless('silent'), 'mismatch 8563 (connected, and nothing answers our token)'],
  ['an end', tokenless('closed'), 'reset 8563 (connected, and closed without an answer to our token)'],
  ['a reset', tokenless('reset'), 'reset 8563 (connected, and reset without an answer to our token)'],
  [
    'an echo',
    tokenless('stranger', 'portolan 1'),
    'mismatch 8563 (something else than our listener answers: "portolan 1")',
  ],
  [
    'another run’s listener',
    { kind: 'token', answer: 'who knows' },
    'mismatch 8563 (something else than our listener answers)',
  ],
  ['another host’s', { kind: 'token', answer: 'word of c' }, 'mismatch 8563 (the listener on c answers instead)'],
  [
    'our listener on another port',
    { ...ours, port: 8564 },
    'mismatch 8563 (our listener on port 8564 answers instead)',
  ],
  ['a connect that is reset', errno('ECONNRESET'), 'reset 8563 (ECONNRESET)'],
];

for (const [title, answer, outcome] of impostors)
  test(`where our listener waits, ${title} fails: whatever passes, it is not the path`, (t) => {
    for (const expect of permissions) {
      const check = judged({ '8563': answer }, { expect, records: [listening(), record('c')] });
      t.is(said(check), `fail null: ${outcome}`);
      t.is(check.outcomes[0]!.problem, 'no-token');
    }
  });

test('a refusal or silence where our listener waits fails, whether the node’s own table is known or not', (t) => {
  for (const expect of permissions)
    for (const vantages of [[ownA], [ownA, vantage('b', { facts: facts([address], []) })]]) {
      const forged = judged({ '8563': rst }, { expect, vantages });
      t.is(said(forged), 'fail null: refused 8563 (rst)');
      t.regex(forged.notes.join(), /something on the way refuses/);
      t.is(said(judged({ '8563': silence }, { expect, vantages })), 'fail null: timeout 8563 (3.5 s)');
    }
});

test('a connection over which nobody was asked proves nothing', (t) => {
  t.is(
    said(judged({ '8563': connected })),
    'unknown null: unprobed 8563 (engine failed: it connects, but nobody asked whether our listener answers)',
  );
});

test('who can connect where nobody is to fails it, asked or not', (t) => {
  for (const expect of ['closed', 'filtered'] as const)
    for (const answer of [ours, connected, tokenless('silent'), tokenless('closed')])
      t.is(judged({ '8563': answer }, { expect }).status, 'fail');
});

test('accepted by our listener, which never heard a word: a filter reads the payload, and that is a warning', (t) => {
  const accepts = [accept('8563', '10.0.0.1')];
  for (const how of ['silent', 'closed', 'reset'] as const) {
    const check = judged({ '8563': tokenless(how) }, { records: [listening({ accepts })] });
    t.is(said(check), 'warn connected: open 8563 (accepted, but our token never arrived)');
    t.regex(check.notes.join(), /^our listener accepts the connection, and never hears what is said over it/);
  }
  const another = [accept('8563', '10.0.0.9'), accept('9000', '10.0.0.1'), accept('8563', '10.0.0.1', 0)];
  t.is(judged({ '8563': tokenless('silent') }, { records: [listening({ accepts: another })] }).status, 'fail');
  // Who answers something else does not filter: he answers.
  t.is(judged({ '8563': tokenless('stranger', 'x') }, { records: [listening({ accepts })] }).status, 'fail');
});

test('a source that arrives by another address is known by it where nothing is heard, too', (t) => {
  const range = { tried: [{ address, binds: { '20-29': 'ok' } }] };
  const answers = { '20-24': ours, '25-29': tokenless('silent') };
  const of = (peer: string) => {
    const accepts = [accept('20-24', '10.0.0.254', 0), accept('25-29', peer)];
    return judged(answers, { ports: '20-29', records: [record('b', { ...range, accepts })] }).status;
  };
  t.is(of('10.0.0.254'), 'warn');
  t.is(of('10.0.0.99'), 'fail');
});

test('an address that is translated on the way is noted, for the ports that it was seen on', (t) => {
  const range = { tried: [{ address, binds: { '20-29': 'ok' } }] };
  const snat = [accept('20-24', '10.0.0.254', 0), accept('25-29', '10.0.0.1', 0), accept('25-29', '10.0.0.9', 1)];
  const check = judged({ '20-29': ours }, { ports: '20-29', records: [record('b', { ...range, accepts: snat })] });
  t.is(said(check), 'pass listener: open 20-24 (null); open 25-29 (null)');
  t.deepEqual(check.notes, ['20-24: arrives there as 10.0.0.254: the source address is translated on the way']);
});

test('a path that loses full-sized packets warns', (t) => {
  const check = judged({ '8563': ours }, { largeLost: { a: ['10.0.0.2'] } });
  t.is(said(check), 'warn listener: open 8563 (a large payload is lost)');
  t.deepEqual(check.notes, ['small packets pass, full-sized ones are lost on the way']);
  t.is(judged({ '8563': ours }, { largeLost: { a: ['10.0.0.3'], c: [address] } }).status, 'pass');
});

const bound = (binds: Record<string, string>, more: Parameters<typeof record>[1] = {}) =>
  record('b', { tried: [{ address, binds }], ...more });

const unlistened: readonly [title: string, record: ListenerRecord, reason: string][] = [
  [
    'no program runs',
    failedRecord('b', 'no listener runs on b: it has none of python that works'),
    'no listener: it has none of python that works; a refusal alone does not prove the path',
  ],
  [
    'root is missing',
    bound({ '8563': 'EACCES' }, { settings: { ...record('b').settings!, unprivilegedPortStart: 9000 } }),
    'no listener: a port below 9000 wants root to listen on it: log in as root, or allow "sudo": true; a refusal alone does not prove the path',
  ],
  [
    'a client’s socket has the port',
    bound({ '8563': 'EADDRINUSE' }, { holders: [client(8563, address, '10.0.0.7:443')] }),
    'no listener: it is the local end of a connection to 10.0.0.7:443 of curl (pid 9, user ops); a refusal alone does not prove the path',
  ],
  ['none was wanted', record('b'), 'no listener: none was started; a refusal alone does not prove the path'],
  [
    'they may have ended before they were asked',
    listening({ error: 'the connection to b was lost' }),
    'no listener: ours may have ended early: the connection to b was lost; a refusal alone does not prove the path',
  ],
];

for (const [title, of, reason] of unlistened)
  test(`a refusal is unknown where ${title}`, (t) => {
    for (const expect of permissions)
      t.is(said(judged({ '8563': rst }, { expect, records: [of] })), `unknown null: unprobed 8563 (${reason})`);
    t.is(judged({ '8563': silence }, { records: [of] }).status, 'fail');
  });

test('what may be the end of a listener, and not of the path, is unknown', (t) => {
  const ended = (answer: Answer, vantages: Case['vantages'] = [ownA]) =>
    said(judged({ '8563': answer }, { records: [listening({ error: 'the connection to b was lost' })], vantages }));
  const unknown = (seen: string) =>
    `unknown null: unprobed 8563 (no listener: ours may have ended early: the connection to b was lost; what was seen (${seen}) may be their end, not the path’s)`;
  t.is(ended(tokenless('silent')), unknown('mismatch, connected, and nothing answers our token'));
  t.is(ended(tokenless('closed')), unknown('reset, connected, and closed without an answer to our token'));
  t.is(ended(tokenless('reset')), unknown('reset, connected, and reset without an answer to our token'));
  t.is(ended(errno('ECONNRESET')), unknown('reset, ECONNRESET'));
  const lost = [ownA, vantage('b', { status: 'lost', error: 'the connection to b was lost' })];
  t.is(ended(silence, lost), unknown('timeout, 3.5 s'));
  // A program that ended leaves a node that refuses: silence is somebody else's. So is an answer.
  t.is(ended(silence), 'fail null: timeout 8563 (3.5 s)');
  t.regex(ended(tokenless('stranger', 'x'), lost), /^fail /);
});

test('a listener that answered before it ended has proven its path', (t) => {
  t.is(judged({ '8563': ours }, { records: [listening({ error: 'it ended' })] }).status, 'pass');
});

test('of a listener that may have ended nothing is claimed where a denial is expected either', (t) => {
  const vantages = [ownA, vantage('b', { facts: facts([address], []) })];
  const notes = (error: string | undefined) =>
    judged({ '8563': rst }, { expect: 'closed', records: [listening({ error })], vantages }).notes;
  t.deepEqual(notes(undefined), []);
  t.deepEqual(notes('it ended'), ['refused because nothing listens there: no firewall proven']);
});

test('what answers where nobody listens is somebody else’s, unless nothing is known of the node', (t) => {
  for (const expect of permissions)
    for (const answer of [connected, errno('ECONNRESET')])
      t.is(
        said(judged({ '8563': answer }, { expect, records: [bound({ '8563': 'EACCES' })] })),
        'fail null: mismatch 8563 (something answers, although nothing listens there)',
      );
  t.is(
    said(judged({ '8563': connected }, { records: [failedRecord('b', 'no listener runs on b: no python')] })),
    'unknown null: unprobed 8563 (no listener: no python; it connects, and who answers cannot be told)',
  );
});

test('a destination that was not logged in to has no listener, and says why', (t) => {
  const vantages = [ownA, vantage('b', { status: 'failed', error: 'permission denied' })];
  t.is(
    said(judged({ '8563': rst }, { records: [], vantages })),
    'unknown null: unprobed 8563 (no listener: permission denied; a refusal alone does not prove the path)',
  );
});

test('a port that somebody else has is left alone, unknown, and says whose it is', (t) => {
  const taken = (...names: string[]) =>
    said(
      judged(
        {},
        {
          records: [
            bound(
              { '8563': 'EADDRINUSE' },
              { holders: names.map((process) => listener(8563, '0.0.0.0', { process })) },
            ),
          ],
        },
      ),
    );
  t.is(taken('mysqld'), 'unknown null: unprobed 8563 (port in use: mysqld (pid 812, user mysql))');
  t.regex(taken('one', 'two', 'three', 'four', 'five'), /three \(pid 812, user mysql\); and 2 more\)$/);
});

test('one range may come to all of it', (t) => {
  const of = bound({ '1-3': 'ok', '4': 'EADDRINUSE', '5': 'EMFILE' }, { holders: [listener(4, '0.0.0.0')] });
  const check = judged({ '1': ours, '2,5': rst, '3': silence }, { ports: '1-5', expect: 'reachable', records: [of] });
  t.deepEqual(
    check.outcomes.map(({ outcome, ports, status }) => `${ports} ${outcome} ${status}`),
    ['1 open pass', '2 refused fail', '3 timeout fail', '4 unprobed unknown', '5 unprobed unknown'],
  );
});

test('after the installation a refusal without a listener of ours proves the path as ever', (t) => {
  const after = { expect: 'reachable', phase: 'check' } as const;
  t.is(said(judged({ '8563': rst }, { ...after, records: [record('b')] })), 'pass inferred: refused 8563 (rst)');
  t.is(said(judged({ '8563': connected }, { ...after, records: [record('b')] })), 'pass connected: open 8563 (null)');
  t.is(judged({ '8563': rst }, after).status, 'fail');
  t.is(said(judged({ '8563': ours }, after)), 'pass listener: open 8563 (null)');
});

test('an endpoint is judged as ever', (t) => {
  const far = endpoint('far', '10.9.0.9');
  const planned = flow({ expect: 'reachable', pairs: [[a, far]] });
  const seen = proving(observations({ a: { '10.9.0.9': { '8563': rst } } }, [ownA]), []);
  const [check] = judge(plan([planned], [], 'preflight'), seen, { waivers: [], today: '2026-11-21' });
  t.like(check, { status: 'pass', proof: 'inferred' });
});

test('before the installation every host of a group is held to the whole, for any of them may be the one', (t) => {
  const pairs = [
    [a, b],
    [a, c],
  ] as const;
  const planned = flow({ any: 'hosts', service: 'mysql', pairs });
  const another: Answer = { kind: 'dialogue', service: 'mysql', outcome: 'mismatch', detail: 'SSH' };
  const statuses = (phase: Plan['phase']) => {
    const seen = proving(
      observations({ a: { [address]: { '8563': ours }, '10.0.0.3': { '8563': another } } }, [ownA]),
      [listening(), record('c', { holders: [listener(8563, '0.0.0.0')] })],
    );
    return [...judge(plan([planned], [], phase), seen, { waivers: [], today: '2026-11-21' })].map((it) => it.status);
  };
  t.deepEqual(statuses('preflight'), ['pass', 'fail']);
  t.deepEqual(statuses('check'), ['pass', 'pass']);
});

test('before the installation a range of which one port will do wants a path to all of them', (t) => {
  const planned = flow({ any: 'ports', ports: '8563-8572', pairs: [[a, b]] });
  const binds = { '8563-8572': 'ok' };
  const of = (answers: Readonly<Record<string, Answer>>, phase: Plan['phase'] = 'preflight') => {
    const seen = proving(observations({ a: { [address]: answers } }, [ownA]), [
      record('b', { tried: [{ address, binds }] }),
    ]);
    const [check] = judge(plan([planned], [], phase), seen, { waivers: [], today: '2026-11-21' });
    return check!;
  };
  t.is(of({ '8563-8572': ours }).status, 'pass');
  const one = of({ '8563': ours, '8564-8572': silence });
  t.is(one.status, 'fail');
  t.deepEqual(one.notes, ['the product may use any one of these: a path to all of them is wanted']);
  t.is(of({ '8563': ours, '8564-8572': silence }, 'check').status, 'pass');
});

test('a taken port that was left alone is the cause, also where the source asks nothing else of that host', (t) => {
  const planned = flow({ expect: 'reachable', pairs: [[a, b]] });
  const taken = record('b', {
    tried: [{ address, binds: { '8563': 'EADDRINUSE' } }],
    holders: [listener(8563, '0.0.0.0')],
  });
  const [check] = judge(plan([planned], [], 'preflight'), proving(observations({ a: {} }, [ownA]), [taken]), {
    ...{ waivers: [], today: '2026-11-21' },
  });
  t.is(check!.status, 'unknown');
  t.like(check!.outcomes[0], {
    ...{ outcome: 'unprobed', ports: '8563', untried: 'port-in-use' },
    reason: 'port in use: mysqld (pid 812, user mysql)',
  });
});

test('of a name every address has to lead to our listener', (t) => {
  const planned = flow({ pairs: [[a, host('b', 'b.example'), 'b.example']] });
  const both = [addressSeen('10.0.0.2', { '8563': ours }), addressSeen('10.0.0.9', { '8563': tokenless('closed') })];
  const everywhere = record('b', { tried: [{ binds: { '8563': 'ok' } }] });
  const seen = proving(observations({ a: { 'b.example': both } }, [ownA]), [everywhere]);
  const [check] = judge(plan([planned], [], 'preflight'), seen, { waivers: [], today: '2026-11-21' });
  t.is(check!.status, 'fail');
});
