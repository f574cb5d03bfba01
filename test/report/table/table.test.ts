import test from 'ava';
import fc from 'fast-check';
import stringWidth from 'string-width';
import type { Report, ReportCheck, ReporterStyle } from '#src/model/report.js';
import { tableReporter } from '#src/report/table/table.js';
import { connected, flow, host, observations, plan, rst, silence, vantage } from '../../judge/build.js';
import { matchesGolden } from '../golden.js';
import { reportOf, sampleReport } from '../sample.js';

const piped: ReporterStyle = { width: 80, color: false, verbosity: 1 };

function render(report: Report, style: Partial<ReporterStyle> = {}): string {
  return [...tableReporter.render(report, { ...piped, ...style })].join('');
}

const colour = /\u001b\[\d*m/g;

test('80 columns: what failed comes first, and the verdict last', (t) => {
  matchesGolden(t, 'failures-first-at-80-columns', render(sampleReport));
});

test('120 columns are used where they are there', (t) => {
  matchesGolden(t, 'more-columns-are-used', render(sampleReport, { width: 120 }));
});

test('quiet: failures and the verdict only', (t) => {
  matchesGolden(t, 'quiet-is-failures-and-verdict', render(sampleReport, { verbosity: 0 }));
});

test('verbose: every check, with the evidence', (t) => {
  matchesGolden(t, 'verbose-is-every-check', render(sampleReport, { verbosity: 2 }));
});

test('colour is an ornament: without it the text is the same', (t) => {
  const coloured = render(sampleReport, { color: true });
  t.regex(coloured, colour);
  t.is(coloured.replace(colour, ''), render(sampleReport));
});

const noListeners = { addresses: ['10.0.0.2'], listeners: [], routes: undefined };
const a = host('n1', '10.0.0.1');
const b = host('n2', '10.0.0.2');

test('a run without a failure is short', (t) => {
  const planned = plan([flow({ id: 'client', title: 'Clients connect', pairs: [[a, b]] })]);
  const seen = observations({ n1: { '10.0.0.2': { '8563': connected } } });
  matchesGolden(t, 'all-is-well', render(reportOf(planned, seen, {}, 1)));
});

test('an interrupted and filtered run says both', (t) => {
  const planned = plan([flow({ id: 'client', title: 'Clients connect', pairs: [[a, b]] })]);
  const report = reportOf(
    planned,
    observations({ n1: {} }, [], true),
    { interrupted: true, complete: false, filters: { from: ['n1'] } },
    0,
  );
  matchesGolden(t, 'partial-runs-say-so', render({ ...report, summary: { ...report.summary, exitCode: 130 } }));
});

test('a mesh that fails alike is one row and one cause, not one per pair', (t) => {
  const nodes = Array.from({ length: 24 }, (_, n) => host(`exa-n${n + 1}`, `10.0.0.${n + 1}`));
  const pairs = nodes.flatMap((from) => nodes.filter((to) => to !== from).map((to) => [from, to] as const));
  const planned = plan([flow({ expect: 'reachable', ports: '20000-21000', pairs })]);
  const seen = observations(
    Object.fromEntries(
      nodes.map((from) => [
        from.name,
        Object.fromEntries(
          nodes
            .filter((to) => to !== from)
            .map((to) => [to.address, { '20000-20499,20600-21000': rst, '20500-20599': silence }]),
        ),
      ]),
    ),
    nodes.map(({ name }) => vantage(name)),
  );
  matchesGolden(t, 'a-mesh-folds-into-one-row', render(reportOf(planned, seen, {}, 552_552)));
});

test('what remote texts smuggle in never reaches the terminal', (t) => {
  const nasty = '\u001b]0;owned\u0007\u001b[2Jwiped\r\nFAKE  line\u009b31m\u202egnp';
  const check: ReportCheck = {
    ...sampleReport.checks[0]!,
    status: 'fail',
    title: nasty,
    notes: [nasty],
    outcomes: [{ outcome: 'mismatch', ports: '8563', count: 1, reason: nasty, status: 'fail' }],
  };
  const vantages = sampleReport.vantages.map((record) => ({ ...record, status: 'failed' as const, error: nasty }));
  const text = render({ ...sampleReport, checks: [check], vantages });
  t.notRegex(text.replaceAll('\n', ''), /[\u0000-\u001f\u007f-\u009f\u202e]/);
  t.notRegex(text, /^FAKE/m);
  t.regex(text, /wiped/);
});

const words = fc.array(
  fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 30 }),
    fc.constantFrom(
      '连接被拒绝',
      'ＯＰＳ',
      'a'.repeat(150),
      '20000,20002,20004,20006,20008,20010',
      '👩‍👩‍👧‍👦',
      '\u001b[31mred',
    ),
  ),
  { maxLength: 12 },
);
const remoteText = words.map((list) => list.join(' '));

test('no line is ever wider than the terminal', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 40, max: 200 }),
      fc.constantFrom<0 | 1 | 2>(0, 1, 2),
      remoteText,
      remoteText,
      fc.array(remoteText, { maxLength: 3 }),
      (width, verbosity, name, reason, notes) => {
        const report: Report = {
          ...sampleReport,
          checks: sampleReport.checks.map((check, index) => ({
            ...check,
            from: check.from === null ? null : name + check.from,
            scenario: index % 2 === 0 ? check.scenario : name,
            title: reason,
            notes: [...check.notes, ...notes],
            outcomes: check.outcomes.map((outcome) => ({ ...outcome, reason })),
          })),
          vantages: sampleReport.vantages.map((record) => ({ ...record, host: name, error: reason })),
          findings: sampleReport.findings.map((finding) => ({ ...finding, summary: reason, remedy: name })),
        };
        for (const line of render(report, { width, verbosity }).split('\n'))
          t.true(stringWidth(line) <= width, `${stringWidth(line)} columns: ${JSON.stringify(line)}`);
      },
    ),
    { numRuns: 100 },
  );
});

test('of one cause ten findings are told, and how many more there are; -v tells each', (t) => {
  const hosts = Array.from({ length: 31 }, (_, n) => host(`n${n}`, `10.0.0.${n + 1}`));
  const [first, ...others] = hosts;
  const planned = plan([flow({ pairs: others.map((other) => [first!, other] as const) })]);
  const seen = observations(
    { n0: Object.fromEntries(others.map(({ address }) => [address, { '8563': rst }])) },
    hosts.map(({ name }) => vantage(name)),
  );
  const report = reportOf(planned, seen, {}, 30);
  const told = (text: string) => text.match(/^ {2}f\d+ {2}/gm)?.length;
  t.is(report.findings.length, 30);
  t.is(told(render(report)), 10);
  t.regex(render(report), /and 20 more of connection-refused \(.*\); -v tells each/);
  t.is(told(render(report, { verbosity: 2 })), 30);
});

test('hosts that cannot be logged in to for one reason are one entry', (t) => {
  const error = (name: string) => `cannot log in to ${name} (ops@${name}:22): it refused the login of ops`;
  const planned = plan([
    flow({
      pairs: [
        [a, b],
        [b, a],
      ],
    }),
  ]);
  const failed = ['n1', 'n2'].map((name) => vantage(name, { status: 'failed', error: error(name) }));
  const text = render(reportOf(planned, observations({}, failed), {}, 0));
  t.regex(text, /^HOSTS {2}2 of 2 without a working login$/m);
  t.regex(text, /^ {2}n1, n2: no login {2,}f1, f2$/m);
  t.is(text.match(/refused the login/g)?.length, 1);
});

test('a note that several flows share is said once', (t) => {
  const flows = ['one', 'two'].map((id) => flow({ id, expect: 'closed', pairs: [[a, b]] }));
  const seen = observations({ n1: { '10.0.0.2': { '8563': rst } } }, [vantage('n2', { facts: noListeners })]);
  const text = render(reportOf(plan(flows), seen, {}, 0));
  t.is(text.match(/no\s+firewall\s+proven/g)?.length, 1);
  t.regex(text, /· site\/one, site\/two: refused because nothing listens there/);
});
