import type { ReportCheck, Status, StreamedReport } from '../../model/report.js';
import { FlowFold, FlowTally } from './flow-fold.js';

export const loginCauses: readonly string[] = ['no-login', 'connection-lost'];

/** What a status section shows in rows. */
export type RowStatus = Exclude<Status, 'pass' | 'skipped'>;

/** What the table shows of a report's checks, put together in one pass over them. */
export class Fold {
  readonly rows: Readonly<Record<RowStatus, Map<string, FlowFold>>> = {
    fail: new Map(),
    unknown: new Map(),
    warn: new Map(),
    waived: new Map(),
  };
  readonly passed = new Map<string, FlowTally>();
  /** One a flow that does not apply. */
  readonly skipped: ReportCheck[] = [];
  /** The finding about each host that could not be used. */
  readonly findingOfHost = new Map<string, StreamedReport['findings'][number]>();

  constructor({ checks, findings }: StreamedReport, verbose: boolean) {
    const byId = new Map(findings.map((finding) => [finding.id, finding]));
    for (const check of checks) {
      // What could not be tried at all is one outcome. Its finding may be another one than of the login: of a dead host.
      const { finding: id = '', untried = '' } = check.outcomes[0] ?? {};
      const finding = loginCauses.includes(untried) ? byId.get(id) : undefined;
      if (finding !== undefined && check.from !== null) this.findingOfHost.set(check.from, finding);
      this.#add(check, verbose);
    }
  }

  #add(check: ReportCheck, verbose: boolean): void {
    const { status } = check;
    const flow = `${check.scenario}/${check.flow}`;
    if (status === 'skipped') this.skipped.push(check);
    else if (status === 'pass') foldOf(this.passed, flow, () => new FlowTally(check)).add(check);
    else foldOf(this.rows[status], flow, () => new FlowFold(check, verbose)).add(check);
  }
}

function foldOf<T>(folds: Map<string, T>, flow: string, make: () => T): T {
  let fold = folds.get(flow);
  if (fold === undefined) {
    fold = make();
    folds.set(flow, fold);
  }
  return fold;
}
