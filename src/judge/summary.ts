import { type ExitCode, exitCodes } from '../model/errors.js';
import type { Observations } from '../model/observation.js';
import type { Plan } from '../model/plan.js';
import {
  countPorts,
  noPorts,
  type PortInterval,
  type PortSet,
  portSet,
  singlePort,
  subtractPorts,
  unionPorts,
} from '../model/port-set.js';
import type { ReportSummary, Status } from '../model/report.js';

/** How many checks came to what. */
export type StatusCounts = Record<Status, number>;

export function noCounts(): StatusCounts {
  return { pass: 0, warn: 0, fail: 0, unknown: 0, skipped: 0, waived: 0 };
}

/**
 * The verdict of a run and its exit code: computed here, once. Where no host could be logged in to and nothing was probed,
 * no check that failed or was waived without a login makes more of the run than that.
 */
export function summarize(
  counts: Readonly<StatusCounts>,
  probes: number,
  { vantages }: Pick<Observations, 'vantages'>,
): ReportSummary {
  const untested =
    probes === 0 && vantages.size > 0 && [...vantages.values()].every(({ status }) => status === 'failed');
  const verdict = counts.fail > 0 ? 'fail' : counts.unknown > 0 || untested ? 'unknown' : 'pass';
  const exitCode = { pass: exitCodes.passed, fail: exitCodes.failed, unknown: exitCodes.unknown }[verdict];
  return { verdict, exitCode: untested ? exitCodes.untested : exitCode, checks: counts, probes };
}

/** The summary of a run that a signal ended early: its verdict is of what was seen, its exit code is the signal's. */
export function interruptedBy(summary: ReportSummary, exitCode: ExitCode): ReportSummary {
  return { ...summary, exitCode };
}

/** Distinct source × address × port that were really probed; controls are not counted. */
export function countProbes(plan: Plan, observations: Observations): number {
  const controls = controlPorts(plan);
  let probes = 0;
  for (const [source, targets] of observations.targets) {
    const byAddress = new Map<string, PortSet>();
    for (const { target, addresses } of targets.values())
      for (const { address, segments, spoken } of addresses) {
        const tried = [...segments, ...spoken.map(({ answer, port }) => ({ answer, ports: singlePort(port) }))]
          .filter(({ answer }) => answer.kind !== 'untried')
          .flatMap(({ ports }) => ports);
        const asked = subtractPorts(portSet(tried), controls.get(`${source} ${target}`) ?? noPorts);
        byAddress.set(address, unionPorts(byAddress.get(address) ?? noPorts, asked));
      }
    for (const ports of byAddress.values()) probes += countPorts(ports);
  }
  return probes;
}

/** Ports that are probed for nothing but control, by source and target. */
function controlPorts(plan: Plan): ReadonlyMap<string, PortSet> {
  const controls = new Map<string, PortSet>();
  if (plan.controls.length === 0) return controls;
  for (const { from, port, target } of plan.controls) {
    const key = `${from} ${target}`;
    controls.set(key, unionPorts(controls.get(key) ?? noPorts, [[port, port] satisfies PortInterval]));
  }
  for (const { checks } of plan.flows)
    for (const { from, ports, target } of checks) {
      const key = `${from.name} ${target}`;
      const known = controls.get(key);
      if (known !== undefined) controls.set(key, subtractPorts(known, ports));
    }
  return controls;
}
