import test from 'ava';
import { differences } from '#src/demo/compare.js';
import { addressEach } from '#src/demo/layout.js';
import { faults } from '#src/demo/planted.js';
import type { Report, ReportCheck, ReportOutcome, Status } from '#src/model/report.js';

const layout = addressEach(0);

interface Row {
  readonly flow: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly status: Status;
  readonly outcomes: readonly ReportOutcome[];
}

function reportOf(rows: readonly Row[]): Report {
  const checks = rows.map(
    (row): ReportCheck => ({
      id: `harbour/${row.flow}/${row.from}/${row.to}`,
      kind: 'path',
      scenario: 'harbour',
      title: '',
      cite: [],
      address: null,
      sourceAddress: null,
      ports: '1',
      protocol: 'tcp',
      service: null,
      expect: 'open',
      severity: 'error',
      proof: null,
      group: null,
      latencyMs: null,
      notes: [],
      finding: null,
      ...row,
    }),
  );
  return { checks, vantages: [] } as unknown as Report;
}

const ports: Readonly<Record<string, string>> = {
  tally: '18320',
  foghorn: '18095',
  berths: '18512-18514',
  books: '18306',
  archive: '18911',
  signal: '18090',
  weather: '18097',
  clearance: '18443',
};
const planted: readonly Row[] = [
  ...faults.flatMap(({ flow, from, host, outcome, status }) =>
    from.map((source) => ({
      flow,
      from: source,
      to: host,
      status,
      outcomes: [{ outcome, status: 'fail' as const, ports: ports[flow]!, count: 1, reason: 'rst' }],
    })),
  ),
  { flow: 'pilotage', from: null, to: null, status: 'skipped', outcomes: [] },
  {
    flow: 'console',
    from: 'crane-1',
    to: 'office',
    status: 'pass',
    outcomes: [{ outcome: 'open', status: 'pass', ports: '18080', count: 1, reason: null }],
  },
];

function changed(flow: string, to: string | null, change: Partial<Row>): readonly Row[] {
  return planted.map((row) => (row.flow === flow && row.to === to ? { ...row, ...change } : row));
}

test('the planted truth has no differences', (t) => {
  t.deepEqual(differences(reportOf(planted), faults, layout), []);
});

test('a fault that was overlooked is named', (t) => {
  const overlooked = changed('signal', 'lighthouse', {
    status: 'pass',
    outcomes: [{ outcome: 'open', status: 'pass', ports: '18090', count: 1, reason: null }],
  });
  t.deepEqual(differences(reportOf(overlooked), faults, layout), [
    'harbour/signal from office to lighthouse: the light signal is dropped without a word, which should be fail with timeout on 18090, but is pass (18090 open)',
  ]);
});

test('a fault that was seen as another, or on other ports, is named', (t) => {
  const other = changed('books', 'ledger', {
    outcomes: [{ outcome: 'refused', status: 'fail', ports: '18306', count: 1, reason: 'rst' }],
  });
  t.regex(
    differences(reportOf(other), faults, layout)[0]!,
    /should be fail with mismatch on 18306, but is fail \(18306 refused: rst\)$/,
  );
  const wider = changed('berths', 'office', {
    outcomes: [{ outcome: 'refused', status: 'fail', ports: '18512-18515', count: 4, reason: 'rst' }],
  });
  t.is(differences(reportOf(wider), faults, layout).length, 3);
});

test('a check that fails for nothing is named', (t) => {
  const wrong = changed('console', 'office', { status: 'unknown', outcomes: [] });
  t.deepEqual(differences(reportOf(wrong), faults, layout), [
    'harbour/console/crane-1/office: nothing is broken there, but it is unknown (no outcome)',
  ]);
});

test('a check that is missing is named, and so are a skipped flow and a host that could not be used', (t) => {
  const missing = reportOf(planted.filter(({ flow }) => flow !== 'clearance' && flow !== 'pilotage'));
  const vantages = [{ host: 'crane-2', status: 'failed', error: 'no login' }] as unknown as Report['vantages'];
  t.deepEqual(differences({ ...missing, vantages }, faults, layout), [
    'crane-2 could not be used: no login',
    'harbour/clearance from office to customs-1: customs is closed, which the inventory waives, but no check looks there',
    'harbour/pilotage: nobody holds its role, but it is not reported as skipped',
  ]);
});
