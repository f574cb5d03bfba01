import type { Waiver } from '../model/inventory.js';
import type { LatencyHistogram, Observations } from '../model/observation.js';
import { type Check, checkId, type Plan, type PlannedFlow } from '../model/plan.js';
import { formatPorts, overlapPorts } from '../model/port-set.js';
import { proxyTo } from '../model/proxy.js';
import type { ReportCheck } from '../model/report.js';
import { matchesFlow, matchesMember } from '../model/selector.js';
import { waive } from '../model/waive.js';
import { Evidence } from './evidence.js';
import { judgeGroup } from './groups.js';
import { type Judgement, judgeCheck } from './judgement.js';
import { countLostSyns, latencyMs, mergeHistograms } from './latency.js';
import { noAddressRow, noVantageRow, skippedRow } from './rows.js';
import { seenBySource } from './seen.js';

export interface JudgeOptions {
  readonly waivers: readonly Waiver[];
  /** The day by which waivers end, `2027-05-31`. */
  readonly today: string;
}

/**
 * Judges every check of a plan by what was seen; in the plan's order, and without findings. Nothing is kept: each
 * iteration judges anew, the checks of one source of one flow at a time.
 */
export function judge(plan: Plan, observations: Observations, options: JudgeOptions): Iterable<ReportCheck> {
  const evidence = new Evidence(observations, plan);
  return {
    *[Symbol.iterator]() {
      for (const planned of plan.flows) yield* judgeFlow(planned, observations, evidence, options);
    },
  };
}

function* judgeFlow(
  planned: PlannedFlow,
  observations: Observations,
  evidence: Evidence,
  options: JudgeOptions,
): Iterable<ReportCheck> {
  const { state } = planned;
  switch (state.kind) {
    case 'skipped':
      yield skippedRow(planned, state.reason);
      break;
    case 'no-vantage':
      yield noVantageRow(planned, state.endpoints, options.waivers, options.today);
      break;
    case 'planned': {
      const outsiders = planned.sourcesWithoutVantage;
      for (const source of planned.sources) {
        const checks = planned.checks.ofSource(source);
        const judgements = judgeSource(checks, observations, evidence);
        for (const [index, check] of checks.entries()) {
          yield reportCheck(check, judgements[index]!, observations, evidence.phase, options);
        }
      }
      if (outsiders.length > 0) yield noVantageRow(planned, outsiders, options.waivers, options.today);
      if (planned.destinationsWithoutAddress.length > 0) yield noAddressRow(planned, options.waivers, options.today);
    }
  }
}

/** Judges the checks of one source of one flow: those of a group are all among them. */
function judgeSource(checks: readonly Check[], observations: Observations, evidence: Evidence): readonly Judgement[] {
  const flow = checks[0]?.flow.flow;
  if (flow === undefined) return [];
  const seen = seenBySource(checks, observations, evidence);
  const judgements: Judgement[] = [];
  for (const [index, check] of checks.entries()) {
    // What could not be tested at all is judged once for all destinations.
    const alike = index > 0 && seen[index] === seen[index - 1];
    judgements.push(alike ? judgements[index - 1]! : judgeCheck(check, seen[index]!, check.expect, evidence));
  }
  // Of an any-of-hosts flow that is content with `reachable` or a denial, no host is held to less than the others; nor
  // before the installation, when any of them may become the one that answers.
  if (evidence.phase === 'preflight' || flow.match.hosts !== 'any' || flow.expect !== 'open') return judgements;
  return judgeGroup(
    checks.map((check, index) => ({
      asOpen: judgements[index]!,
      asReachable: judgeCheck(check, seen[index]!, 'reachable', evidence),
    })),
  );
}

function reportCheck(
  check: Check,
  judgement: Judgement,
  observations: Observations,
  phase: Plan['phase'],
  { today, waivers }: JudgeOptions,
): ReportCheck {
  const { flow, scenario } = check.flow;
  const via = proxyTo(check.to);
  const observed = observations.targets.get(check.from.name)?.get(check.target)?.addresses ?? [];
  const sources = new Set(observed.map(({ sourceAddress }) => sourceAddress).filter((it) => it !== undefined));
  const latency = mergeHistograms(
    observed.flatMap(({ latencies }) =>
      latencies.filter(({ ports }) => overlapPorts(ports, check.ports)).map(({ histogram }) => histogram),
    ),
  );
  const mild = judgement.status === 'fail' && flow.severity === 'advisory' ? 'warn' : judgement.status;
  const chosen = waivers.filter(
    (waiver) =>
      matchesFlow(waiver.flow, scenario, flow.id) &&
      (waiver.from === undefined || matchesMember(waiver.from, check.from)) &&
      (waiver.to === undefined || matchesMember(waiver.to, check.to)),
  );
  const waived = waive(mild, chosen, today);
  const lostSyn = latency === undefined ? undefined : lostSynNote(latency);
  return {
    id: checkId(check),
    kind: 'path',
    scenario,
    flow: flow.id,
    title: flow.title,
    cite: flow.cite,
    from: check.from.name,
    to: check.to.name,
    address: check.target,
    ...(via === undefined ? {} : { via: via.authority }),
    sourceAddress: sources.size === 1 ? [...sources][0]! : null,
    ports: formatPorts(check.ports),
    protocol: 'tcp',
    service: check.service?.name ?? null,
    expect: check.expect,
    severity: flow.severity,
    status: waived.status,
    proof: judgement.proof,
    group: check.group ?? null,
    outcomes: judgement.outcomes,
    latencyMs: latency === undefined ? null : latencyMs(latency),
    notes: [
      ...waived.notes,
      ...judgement.notes,
      ...endpointNote(check),
      ...anyPortNote(check, judgement, phase),
      ...(lostSyn === undefined ? [] : [lostSyn]),
      ...check.flow.notes,
    ],
    finding: null,
  };
}

/** Of an endpoint before the installation. */
function endpointNote({ expect, flow, to }: Check): string[] {
  if (expect === flow.flow.expect) return [];
  return [
    `documented as ${flow.flow.expect}; nobody can log in to ${to.name} to listen there, so only the way is tried`,
  ];
}

/** Which port did, where any of a range does; else a whole range that fails reads as if the whole range had to answer. */
function anyPortNote({ flow }: Check, { outcomes, status }: Judgement, phase: Plan['phase']): string[] {
  if (flow.flow.match.ports !== 'any') return [];
  if (phase === 'preflight')
    return status === 'pass' ? [] : ['the product may use any one of these: a path to all of them is wanted'];
  if (status !== 'pass' && status !== 'warn') return ['one port of these would do'];
  const answered = new Set(outcomes.filter((each) => each.status === status).map(({ ports }) => ports));
  return [`one port of these would do: ${[...answered].join(',')} answered`];
}

function lostSynNote(histogram: LatencyHistogram): string | undefined {
  const lost = countLostSyns(histogram);
  if (lost === 0) return undefined;
  const longest = `${(histogram.maxUs / 1e6).toFixed(1)} s`;
  return lost === 1
    ? `one connect took ${longest}: its first SYN was lost`
    : `${lost} connects took up to ${longest}: their first SYN was lost`;
}
