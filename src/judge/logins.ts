import type { HostKeyProblem } from '../model/host-key-problem.js';
import type { Observations } from '../model/observation.js';
import type { ReportCheck, ReportOutcome } from '../model/report.js';

const states = { changed: 'key-changed', revoked: 'key-revoked' } as const satisfies Readonly<
  Record<HostKeyProblem, ReportOutcome['outcome']>
>;

/**
 * A row for each host with whose SSH host key, or whose jump host's, something is wrong: somebody may be in between, and
 * then no other row of that host is worth anything. No waiver covers it. Hosts whose key is the known one have no row.
 */
export function* judgeLogins({ vantages }: Pick<Observations, 'vantages'>): Iterable<ReportCheck> {
  for (const { address, host, hostKeyDoubt } of vantages.values()) {
    if (hostKeyDoubt === undefined) continue;
    yield {
      id: `login/host-key/${host}`,
      kind: 'login',
      scenario: 'login',
      flow: 'host-key',
      title: 'The SSH host key is the known one',
      cite: [],
      from: null,
      to: host,
      address: address ?? null,
      sourceAddress: null,
      ports: '',
      protocol: 'tcp',
      service: null,
      expect: 'known',
      severity: 'error',
      status: 'fail',
      proof: null,
      group: null,
      outcomes: [
        { outcome: states[hostKeyDoubt.kind], ports: '', count: 0, reason: hostKeyDoubt.said, status: 'fail' },
      ],
      latencyMs: null,
      notes: [],
      finding: null,
    };
  }
}
