import test from 'ava';
import { asWarnings } from '#src/lint/as-warnings.js';
import type { Condition } from '#src/model/scenario.js';
import { endpoint, flow, host, scenario, site } from '../plan/builders.js';
import { lint, rule, said } from './lint.js';

const flows = [flow('sql', 'user -> node : sql'), flow('other', 'user -> spare : sql')];
const fixed = (options: Parameters<typeof rule>[3] = {}) => rule('fixed-ports', 'sql', 'node', options);
const bound = (options: Parameters<typeof rule>[3] = {}) =>
  scenario(flows, { ports: { sql: '3306' }, facts: { old: true, version: undefined }, rules: [fixed(options)] });
const moved = host('a', 'node', { ports: { sql: '3307' } });
const when = (condition: Condition, text: string) => ({ when: { condition, text } });
const fact = (name: string) => when({ kind: 'fact', side: 'to', fact: name }, name);
const sentence = 'on a, sql is 3307; the document has it at 3306, and says that it cannot be changed';

test('a rule that is broken is a row of the report with a sentence for each way', (t) => {
  t.deepEqual(lint(bound(), site(moved)), [
    {
      id: 'demo/fixed-ports',
      kind: 'rule',
      scenario: 'demo',
      flow: 'fixed-ports',
      title: 'The rule fixed-ports',
      cite: ['note 1'],
      from: null,
      to: null,
      toRole: 'node',
      address: null,
      sourceAddress: null,
      ports: '3307',
      protocol: 'tcp',
      service: null,
      expect: 'kept',
      severity: 'error',
      status: 'fail',
      proof: null,
      group: null,
      outcomes: [{ outcome: 'violated', ports: '3307', count: 1, reason: sentence, status: 'fail' }],
      latencyMs: null,
      notes: [],
      finding: null,
    },
  ]);
});

test('a rule that is kept passes', (t) => {
  const [row] = lint(bound(), site(host('a', 'node')));
  t.is(row?.status, 'pass');
  t.deepEqual(row?.outcomes, [{ outcome: 'kept', ports: '3306', count: 1, reason: null, status: 'pass' }]);
});

test('an advisory rule warns', (t) => {
  t.deepEqual(said(lint(bound({ severity: 'advisory' }), site(moved))), [`fixed-ports warn 3307: ${sentence}`]);
});

test('a rule that nothing here can break is skipped, and says why', (t) => {
  t.deepEqual(said(lint(bound(), site(host('a', 'spare'), endpoint('e', 'node')))), [
    'fixed-ports skipped: no host holds the role node',
  ]);
  const young = host('a', 'node', { ports: { sql: '3307' }, facts: { old: false } });
  t.deepEqual(said(lint(bound(fact('old')), site(young))), [
    'fixed-ports skipped: its condition does not hold here: old',
  ]);
  const conditional = scenario(
    [flow('sql', 'user -> node : sql', { when: { kind: 'fact', side: 'to', fact: 'old' } })],
    {
      ports: { sql: '3306' },
      facts: { old: false },
      rules: [fixed({ roles: ['node', 'spare'] })],
    },
  );
  t.deepEqual(said(lint(conditional, site(moved))), [
    'fixed-ports skipped: nothing listens on its ports where any of the roles node, spare is held',
  ]);
});

test('hosts for which its condition does not hold cannot break it', (t) => {
  const young = host('b', 'node', { ports: { sql: '3308' }, facts: { old: false } });
  t.deepEqual(said(lint(bound(fact('old')), site(moved, young))), [`fixed-ports fail 3307: ${sentence}`]);
});

test('an undecidable condition keeps the rule, and it says so', (t) => {
  const [row] = lint(bound(fact('version')), site(moved));
  t.is(row?.status, 'fail');
  t.deepEqual(row?.notes, ['looked at although its condition (version) is undecided: the fact "version" is not set']);
});

test('a port that a scenario places elsewhere cannot break a rule here; one that it places nowhere can', (t) => {
  const both = scenario([flow('sql', 'user -> spare : sql')], {
    ports: { sql: '3306', agent: '9000' },
    rules: [rule('fixed-ports', 'sql, agent', 'node, spare')],
  });
  t.deepEqual(said(lint(both, site(host('a', 'node', { ports: { sql: '3307', agent: '9001' } })))), [
    'fixed-ports fail 9001: on a, agent is 9001; the document has it at 9000, and says that it cannot be changed',
  ]);
});

test('a filter selects rules as it selects flows', (t) => {
  const ids = (selector: string) => lint(bound(), site(moved), { flow: [selector] }).map(({ id }) => id);
  t.deepEqual(ids('fixed-ports'), ['demo/fixed-ports']);
  t.deepEqual(ids('demo/fixed-ports'), ['demo/fixed-ports']);
  t.deepEqual(ids('sql'), []);
});

const waiver = { flow: 'demo/fixed-ports', from: undefined, to: undefined, reason: 'NET-1', until: undefined };
const waived = (members: Parameters<typeof lint>[1], more: { readonly to?: string; readonly until?: string }) =>
  lint(bound(), members, { waivers: [{ ...waiver, ...more }] }).map(({ status, notes }) => [status, ...notes]);

test('a waiver waives a rule, of a host or a role only if all that break it are covered', (t) => {
  const second = host('b', 'node', { ports: { sql: '3308' } });
  t.deepEqual(waived(site(moved), {}), [['waived', 'fail, waived: NET-1']]);
  t.deepEqual(waived(site(moved, host('b', 'node')), { to: 'a' }), [['waived', 'fail, waived: NET-1']]);
  t.deepEqual(waived(site(moved, second), { to: 'a' }), [['fail']]);
  t.deepEqual(waived(site(moved, second), { to: 'node' }), [['waived', 'fail, waived: NET-1']]);
});

test('a waiver that has ended, or that nobody needs, is told', (t) => {
  t.deepEqual(waived(site(moved), { until: '2026-12-31' }), [
    ['fail', 'its waiver ended on 2026-12-31 and no longer waives (NET-1)'],
  ]);
  t.deepEqual(waived(site(host('a', 'node')), {}), [['pass', 'no longer needs its waiver (NET-1)']]);
});

test('as warnings, only the rules that are not kept are left, and none fails', (t) => {
  const rules = [
    fixed(),
    fixed({ id: 'waived' }),
    fixed({ id: 'skipped', roles: ['nobody'] }),
    fixed({ id: 'kept', roles: ['spare'] }),
  ];
  const all = lint(scenario(flows, { ports: { sql: '3306' }, rules }), site(moved, host('b', 'spare')), {
    waivers: [{ ...waiver, flow: 'waived' }],
  });
  t.deepEqual(
    all.map(({ status }) => status),
    ['fail', 'waived', 'skipped', 'pass'],
  );
  t.deepEqual(
    asWarnings(all).map(({ flow, status }) => `${flow} ${status}`),
    ['fixed-ports warn', 'waived waived'],
  );
});
