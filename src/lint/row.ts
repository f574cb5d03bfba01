import type { Waiver } from '../model/inventory.js';
import { countPorts, formatPorts, type PortSet } from '../model/port-set.js';
import type { ReportCheck, ReportOutcome } from '../model/report.js';
import type { Severity } from '../model/scenario.js';
import { matchesFlow, matchesMember } from '../model/selector.js';
import { waive } from '../model/waive.js';
import type { Violation } from './violation.js';

/** What a row of the report says of a rule, whatever came of it. */
export interface RuleHead {
  readonly scenario: string;
  /** The rule's id, which filters and waivers name as they name a flow's. */
  readonly id: string;
  readonly title: string;
  readonly cite: readonly string[];
  readonly roles: readonly string[];
  readonly severity: Severity;
  readonly notes: readonly string[];
}

/** By what a verdict is waived, and on which day, `2027-05-31`. */
export interface Waiving {
  readonly waivers: readonly Waiver[];
  readonly today: string;
}

/** The row of a rule that nothing here can break. */
export function skippedRule(head: RuleHead, ports: PortSet, reason: string): ReportCheck {
  return { ...row(head, ports), status: 'skipped', notes: [reason, ...head.notes] };
}

/** The row of a rule that was looked at; `ports` are all those that it was looked at for. */
export function ruleRow(
  head: RuleHead,
  ports: PortSet,
  violations: readonly Violation[],
  waiving: Waiving,
): ReportCheck {
  const severe = head.severity === 'advisory' ? 'warn' : 'fail';
  const { notes, status } = waive(
    violations.length === 0 ? 'pass' : severe,
    waiversOf(head, violations, waiving),
    waiving.today,
  );
  const outcomes = violations.length === 0 ? [kept(ports)] : violations.map(violated);
  return { ...row(head, ports), status, outcomes, notes: [...notes, ...head.notes] };
}

/** A row stands for all hosts that break the rule: a waiver for one of several does not cover it. Nobody is its source. */
function waiversOf({ scenario, id }: RuleHead, violations: readonly Violation[], { waivers }: Waiving) {
  const hosts = violations.flatMap((violation) => violation.hosts);
  return waivers.filter(
    ({ flow, from, to }) =>
      matchesFlow(flow, scenario, id) &&
      from === undefined &&
      (to === undefined || hosts.every((host) => matchesMember(to, host))),
  );
}

function kept(ports: PortSet): ReportOutcome {
  return { outcome: 'kept', ports: formatPorts(ports), count: countPorts(ports), reason: null, status: 'pass' };
}

function violated({ ports, sentence }: Violation): ReportOutcome {
  return { outcome: 'violated', ports: formatPorts(ports), count: countPorts(ports), reason: sentence, status: 'fail' };
}

function row({ scenario, id, title, cite, roles, severity, notes }: RuleHead, ports: PortSet): ReportCheck {
  return {
    id: `${scenario}/${id}`,
    kind: 'rule',
    scenario,
    flow: id,
    title,
    cite,
    from: null,
    to: null,
    toRole: roles.join(', '),
    address: null,
    sourceAddress: null,
    ports: formatPorts(ports),
    protocol: 'tcp',
    service: null,
    expect: 'kept',
    severity,
    status: 'unknown',
    proof: null,
    group: null,
    outcomes: [],
    latencyMs: null,
    notes,
    finding: null,
  };
}
