import type { Host } from '../model/inventory.js';
import type { Check, DialogueItem, Plan, SshProbe, VantageWork, WorkItem } from '../model/plan.js';
import {
  eachPort,
  formatPorts,
  intersectPorts,
  noPorts,
  overlapPorts,
  type PortSet,
  singlePort,
  subtractPorts,
  unionPorts,
} from '../model/port-set.js';
import { proxyTo } from '../model/proxy.js';
import { atomsOf } from './atoms.js';
import { checksByTarget, controlsBySource } from './by-source.js';
import { inRingOrder } from './ring-order.js';
import { type SpokenPorts, spokenPorts } from './spoken-ports.js';
import { sshdAt, sshPorts } from './ssh-ports.js';

/** A part of what a check covers, and the ports that make it needless. */
interface Part {
  readonly check: Check;
  readonly ports: PortSet;
  readonly unlessOpen: PortSet;
}

/**
 * What one host is to do for a plan. Whatever several checks cover is tried once; ports that a dialogue speaks to are not
 * swept, and SSH ports by themselves. Every check is the union of whole items.
 */
export function planWork(plan: Plan, host: Host): VantageWork {
  return workOf(plan, host, checksByTarget(plan.flows, host.name));
}

/** The same of some of the host's checks, or of parts of them, by target. */
export function workOf(plan: Plan, host: Host, byTarget: ReadonlyMap<string, readonly Check[]>): VantageWork {
  const sweep: WorkItem[] = [];
  const ssh: SshProbe[] = [];
  const dialogues: DialogueItem[] = [];
  for (const [target, checks] of inRingOrder(byTarget, host.name, plan.members)) {
    const spoken = spokenPorts(checks, plan);
    const held = sshPorts(checks);
    const via = proxyTo(checks[0]!.to);
    if (via !== undefined) {
      const items = proxiedParts(target, checks, spoken).flatMap((part) => dialogueItems(target, part, checks, held));
      dialogues.push(...items.map((item) => ({ ...item, via })));
      continue;
    }
    dialogues.push(...spoken.parts.flatMap((part) => dialogueItems(target, part, checks, held)));
    for (const item of sweepItems(target, checks, spoken.unswept)) {
      if (!overlapPorts(item.ports, held)) {
        sweep.push(item);
        continue;
      }
      const rest = subtractPorts(item.ports, held);
      if (rest.length > 0) sweep.push({ ...item, ports: rest });
      for (const port of eachPort(intersectPorts(item.ports, held)))
        ssh.push({ ...item, ports: singlePort(port), sshd: sshdAt(target, port, checks) });
    }
  }
  for (const { target, port } of controlsBySource(plan.controls).get(host.name) ?? []) {
    const item = { target, ports: singlePort(port), allowOwnAddress: false, unlessOpen: noPorts };
    ssh.push({ ...item, sshd: sshdAt(target, port, byTarget.get(target) ?? []) });
  }
  return { host, sweep, ssh, dialogues };
}

type DialoguePart = Pick<DialogueItem, 'ports' | 'service' | 'sweptFirst' | 'unlessOpen' | 'anyPort' | 'after'>;

/** Through a proxy nothing is swept: where nobody is to be spoken to, the connection that the proxy makes is the proof. */
function proxiedParts(target: string, checks: readonly Check[], { parts }: SpokenPorts): readonly DialoguePart[] {
  const spoken = unionPorts(...parts.map(({ ports }) => ports));
  const bare = sweepItems(target, checks, spoken).map((item) => ({ ...item, service: undefined, anyPort: false }));
  return [...parts, ...bare].map((part) => ({ ...part, sweptFirst: false }));
}

/** Ports of an sshd are items of their own. */
function dialogueItems(
  target: string,
  { after, ports: all, service, sweptFirst, unlessOpen, anyPort }: DialoguePart,
  checks: readonly Check[],
  held: PortSet,
): DialogueItem[] {
  const item = (ports: PortSet, sshd: string | undefined): DialogueItem => ({
    target,
    ports,
    service,
    allowOwnAddress: checks.some((check) => isSelf(check) && overlapPorts(check.ports, ports)),
    sweptFirst,
    unlessOpen,
    anyPort,
    sshd,
    ...(after === undefined ? {} : { after }),
  });
  if (!overlapPorts(all, held)) return [item(all, undefined)];
  const rest = subtractPorts(all, held);
  const ofSshds = [...eachPort(intersectPorts(all, held))].map((port) =>
    item(singlePort(port), sshdAt(target, port, checks)),
  );
  return rest.length > 0 ? [item(rest, undefined), ...ofSshds] : ofSshds;
}

/** The ports of checks of one target as disjoint items, but for those that are spoken to. */
export function sweepItems(target: string, checks: readonly Check[], spoken: PortSet): readonly WorkItem[] {
  const parts = checks.flatMap((check) => partsOf(check, spoken)).filter(({ ports }) => ports.length > 0);
  if (parts.length === 1) return [itemOf(target, parts[0]!.ports, parts)];
  return atomsOf(parts.map(({ ports }) => ports)).map(({ ports, covering }) =>
    itemOf(
      target,
      ports,
      covering.map((i) => parts[i]!),
    ),
  );
}

function partsOf(check: Check, spoken: PortSet): readonly Part[] {
  const swept = (ports: PortSet) => (spoken.length === 0 ? ports : subtractPorts(ports, spoken));
  const { ports, prefer } = check;
  if (prefer.length === 0) return [{ check, ports: swept(ports), unlessOpen: noPorts }];
  return [
    { check, ports: swept(prefer), unlessOpen: noPorts },
    { check, ports: swept(subtractPorts(ports, prefer)), unlessOpen: prefer },
  ];
}

function itemOf(target: string, ports: PortSet, parts: readonly Part[]): WorkItem {
  return {
    target,
    ports,
    allowOwnAddress: parts.some(({ check }) => isSelf(check)),
    unlessOpen: commonUnlessOpen(parts),
  };
}

/** Needless only where every check that covers the item says so, and of the same ports. */
function commonUnlessOpen([first, ...others]: readonly Part[]): PortSet {
  if (first === undefined || first.unlessOpen.length === 0) return noPorts;
  const text = formatPorts(first.unlessOpen);
  return others.every(({ unlessOpen }) => formatPorts(unlessOpen) === text) ? first.unlessOpen : noPorts;
}

/** Where the source may own the address that it probes: for itself, and in every other pair of such a flow. */
function isSelf({ flow }: Check): boolean {
  return flow.flow.self !== false;
}
