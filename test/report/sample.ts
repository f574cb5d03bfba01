import { Diagnosis } from '#src/diagnose/diagnose.js';
import { judge } from '#src/judge/judge.js';
import { noCounts, summarize } from '#src/judge/summary.js';
import type { Host } from '#src/model/inventory.js';
import type { Observations } from '#src/model/observation.js';
import type { Plan } from '#src/model/plan.js';
import type { Report, ReportVantage } from '#src/model/report.js';
import {
  addressSeen,
  connected,
  endpoint,
  facts,
  flow,
  host,
  icmp,
  observations,
  plan,
  ports,
  rst,
  silence,
  vantage,
} from '../judge/build.js';

// A site with one of everything that a reporter has to draw, judged and diagnosed by the real code.

export function reportOf(planned: Plan, seen: Observations, run: Partial<Report['run']> = {}, probes = 12_013): Report {
  const judged = judge(planned, seen, {
    waivers: [
      {
        flow: 'exasol/ldap',
        from: 'exa-n11',
        to: undefined,
        reason: 'LDAP moves in May, NET-4711',
        until: '2027-05-31',
      },
    ],
    today: '2026-11-21',
  });
  const diagnosis = new Diagnosis(seen);
  const counts = noCounts();
  for (const check of judged) {
    diagnosis.tell(check);
    counts[check.status]++;
  }
  const { explain, findings } = diagnosis.conclude();
  return {
    schema: 'portolan.report/1',
    run: {
      id: '20261121T031500Z-1',
      command: 'check',
      version: '0.0.0',
      startedAt: '2026-11-21T03:15:00.000Z',
      durationMs: 812,
      operator: 'ops',
      controller: 'control',
      ticket: null,
      options: { rate: 200 },
      filters: {},
      inputs: [{ file: 'inventory.json', sha256: '00' }],
      complete: true,
      interrupted: false,
      ...run,
    },
    checks: [...explain(judged)],
    findings: findings.map((finding) => ({ ...finding, checks: [...finding.checks] })),
    vantages: [...seen.vantages.values()].map(
      ({ address, blindSpots, engine, error, host: name, interpreter, notes, status, transport }): ReportVantage => ({
        host: name,
        status,
        transport,
        address: address ?? null,
        engine: engine ?? null,
        interpreter: interpreter ?? null,
        blindSpots,
        notes,
        error: error ?? null,
      }),
    ),
    summary: summarize(counts, probes, seen),
  };
}

const nodes: readonly Host[] = [11, 12, 13, 14].map((n) => host(`exa-n${n}`, `10.10.0.${n}`, ['exasol-node']));
const app = host('app-1', '10.20.0.5', ['exasol-client']);
const om = host('ops-笔记本', '10.20.0.9', ['om-user']);
const fdl = host('fdl-1', '10.20.0.7', ['fdl-app']);
const ldap = endpoint('ldap-1', '10.30.0.1', ['ldap-server']);

const mesh = nodes.flatMap((from) => nodes.filter((to) => to !== from).map((to) => [from, to] as const));
const histogram = { buckets: new Map([[130, 100]]), minUs: 260, maxUs: 410 };

function seenByNode(source: Host) {
  const answers: Record<string, ReturnType<typeof addressSeen>[]> = {};
  for (const { address } of nodes.filter((node) => node !== source)) {
    const range =
      address === '10.10.0.13'
        ? addressSeen(address, { '20000-20499,20600-21000': rst, '20500-20599': silence, '2911': rst })
        : addressSeen(address, { '20000-21000': rst, '2911': rst }, [{ ports: ports('20000-21000'), histogram }]);
    answers[address] = [range];
  }
  answers['10.30.0.1'] = [addressSeen('10.30.0.1', { '389': icmp(3, 13, '10.10.0.254') })];
  return answers;
}

export const samplePlan: Plan = plan([
  flow({
    id: 'client',
    scenario: 'exasol',
    title: 'Clients connect to the database',
    from: ['exasol-client'],
    to: ['exasol-node'],
    ports: '8563',
    service: 'exasol',
    pairs: nodes.map((node) => [app, node]),
  }),
  flow({
    id: 'subconnections',
    scenario: 'exasol',
    title: 'Sub-connections between nodes, during loads only',
    from: ['exasol-node'],
    to: ['exasol-node'],
    expect: 'reachable',
    ports: '20000-21000',
    pairs: mesh,
  }),
  flow({
    id: 'backup-agent',
    scenario: 'exasol',
    title: 'The backup agent is closed to everybody',
    expect: 'closed',
    ports: '2911',
    pairs: mesh,
  }),
  flow({
    id: 'ldap',
    scenario: 'exasol',
    title: 'Nodes ask the directory',
    ports: '389',
    service: 'ldap',
    pairs: nodes.map((node) => [node, ldap]),
  }),
  flow({
    id: 'metrics',
    scenario: 'exasol',
    title: 'Metrics of the application',
    severity: 'advisory',
    ports: '9100',
    pairs: [[nodes[0]!, app]],
  }),
  flow({
    id: 'oracle',
    scenario: 'exasol',
    title: 'Import from Oracle',
    from: ['exasol-node'],
    to: ['oracle-server'],
    ports: '1521',
    state: { kind: 'skipped', reason: 'no member holds oracle-server' },
  }),
  flow({
    id: 'mssql',
    scenario: 'exasol',
    title: 'Import from SQL Server',
    from: ['exasol-node'],
    to: ['mssql-server'],
    ports: '1433',
    state: { kind: 'skipped', reason: 'no member holds mssql-server' },
  }),
  flow({
    id: 'users',
    scenario: 'finedatalink-cluster',
    title: 'Operators open the platform (运维人员访问平台)',
    from: ['om-user'],
    to: ['fdl-app'],
    ports: '8080',
    pairs: [[om, fdl]],
  }),
  flow({
    id: 'console',
    scenario: 'finedatalink-cluster',
    title: 'Browsers open the console',
    from: ['browser'],
    to: ['fdl-app'],
    ports: '80',
    state: { kind: 'no-vantage', endpoints: ['desk'], reason: '' },
  }),
]);

const own = (node: Host, listeners: string[]) => ({ facts: facts(['127.0.0.1', node.address], listeners) });

export const sampleObservations: Observations = observations(
  {
    'app-1': {
      '10.10.0.11': [addressSeen('10.10.0.11', { '8563': connected }, [{ ports: ports('8563'), histogram }])],
      '10.10.0.12': { '8563': rst },
      '10.10.0.13': { '8563': rst },
      '10.10.0.14': { '8563': icmp(3, 10, '10.10.0.14') },
    },
    ...Object.fromEntries(nodes.map((node) => [node.name, seenByNode(node)])),
    'exa-n11': { ...seenByNode(nodes[0]!), '10.20.0.5': { '9100': rst } },
  },
  [
    vantage('app-1', {
      engine: 'perl',
      interpreter: '/usr/bin/perl v5.36',
      address: '192.0.2.5',
      notes: ['2001:db8::5 did not answer within 2 s; logged in by 192.0.2.5'],
      blindSpots: ['an RST and an ICMP port-unreachable look alike'],
    }),
    vantage('exa-n11', own(nodes[0]!, ['0.0.0.0:8563'])),
    vantage('exa-n12', own(nodes[1]!, [])),
    vantage('exa-n13', own(nodes[2]!, ['127.0.0.1:8563'])),
    vantage('exa-n14', own(nodes[3]!, ['0.0.0.0:8563'])),
    vantage('ops-笔记本', {
      status: 'failed',
      engine: undefined,
      interpreter: undefined,
      error:
        'the host key of ops-笔记本 (192.0.2.9) is not in known_hosts; add it with: ssh-keyscan 192.0.2.9 >> ~/.ssh/known_hosts',
    }),
    vantage('fdl-1'),
  ],
);

export const sampleReport: Report = reportOf(samplePlan, sampleObservations);
