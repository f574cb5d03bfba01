import type { Check, ControlProbe, Plan, PlannedFlow } from '../model/plan.js';
import { countPorts, eachPort, intersectPorts, type PortSet, unionPorts } from '../model/port-set.js';
import { checksByTarget } from './by-source.js';
import { controlFor } from './controls.js';
import { Oppositions } from './opposed.js';
import { sshdAt, sshPorts } from './ssh-ports.js';

/** What one source sends to one target: the same for every source that the same flows lead from. */
interface Share {
  readonly checks: readonly Check[];
  readonly probes: number;
  readonly sshds: readonly string[];
  readonly controlPort: number | undefined;
  sources: number;
}

/** One pass over the pairs: counts what will be probed, adds controls, and refuses opposed expectations. */
export function countProbes(
  flows: readonly PlannedFlow[],
  guardedPorts: PortSet,
): Pick<Plan, 'controls' | 'probes' | 'probesBySource' | 'probesByTarget' | 'probesBySshd'> {
  const oppositions = new Oppositions();
  const controls: ControlProbe[] = [];
  const probesBySource = new Map<string, number>();
  const shares = new Map<string, Share[]>();
  let total = 0;
  for (const source of new Set(flows.flatMap(({ sources }) => sources))) {
    const byTarget = checksByTarget(flows, source);
    if (byTarget.size === 0) continue;
    let probes = 0;
    for (const [target, checks] of byTarget) {
      if (checks.length > 1) oppositions.add(checks);
      const share = shareOf(shares, target, checks, guardedPorts);
      share.sources++;
      probes += share.probes;
      if (share.controlPort !== undefined) controls.push({ from: source, target, port: share.controlPort });
    }
    probesBySource.set(source, probes);
    total += probes;
  }
  oppositions.refuse();
  return { controls, probes: total, probesBySource, ...received(shares) };
}

function shareOf(known: Map<string, Share[]>, target: string, checks: readonly Check[], guardedPorts: PortSet): Share {
  let ofTarget = known.get(target);
  if (ofTarget === undefined) {
    ofTarget = [];
    known.set(target, ofTarget);
  }
  let share = ofTarget.find((each) => areAlike(each.checks, checks));
  if (share === undefined) {
    share = newShare(target, checks, guardedPorts);
    ofTarget.push(share);
  }
  return share;
}

/** A check's ports and services are those of its flow and destination, whichever the source. */
function areAlike(some: readonly Check[], others: readonly Check[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ flow, to }, index) => flow === others[index]!.flow && to === others[index]!.to)
  );
}

function newShare(target: string, checks: readonly Check[], guardedPorts: PortSet): Share {
  const ports = checks.length === 1 ? checks[0]!.ports : unionPorts(...checks.map((check) => check.ports));
  const controlPort = controlFor(checks, guardedPorts)?.port;
  const ssh = [...eachPort(intersectPorts(ports, sshPorts(checks)))];
  if (controlPort !== undefined) ssh.push(controlPort);
  const sshds = ssh.map((port) => sshdAt(target, port, checks));
  return { checks, probes: countPorts(ports), sshds, controlPort, sources: 0 };
}

function received(shares: ReadonlyMap<string, readonly Share[]>): Pick<Plan, 'probesByTarget' | 'probesBySshd'> {
  const probesByTarget = new Map<string, number>();
  const probesBySshd = new Map<string, number>();
  for (const [target, ofTarget] of shares)
    for (const { probes, sources, sshds } of ofTarget) {
      add(probesByTarget, target, probes * sources);
      for (const sshd of sshds) add(probesBySshd, sshd, sources);
    }
  return { probesByTarget, probesBySshd };
}

function add(counts: Map<string, number>, key: string, number: number): void {
  counts.set(key, (counts.get(key) ?? 0) + number);
}
