import type { Host } from '../model/inventory.js';
import type { ListenerRecord } from '../model/listening.js';
import type { Check, Plan, VantageWork, WorkItem } from '../model/plan.js';
import { intersectPorts, noPorts, type PortSet, subtractPorts, unionPorts } from '../model/port-set.js';
import { portsAt } from '../model/ports-at.js';
import { runningAt } from '../model/running-service.js';
import { checksByTarget } from './by-source.js';
import { sweepItems, workOf } from './work.js';

/**
 * What one host is to do once temporary listeners wait: said a token where they do; where the documented service runs already
 * it is asked as after the installation; where nobody can listen, only the way there is tried; what has the port of somebody
 * else is left alone.
 */
export function planProvingWork(
  plan: Plan,
  host: Host,
  listeners: ReadonlyMap<string, ListenerRecord>,
  token: string,
): VantageWork {
  const asked: WorkItem[] = [];
  const others = new Map<string, readonly Check[]>();
  for (const [target, checks] of checksByTarget(plan.flows, host.name)) {
    const listened: Check[] = [];
    const rest: Check[] = [];
    for (const check of checks) {
      const { bare, inUse, ours } = partsOf(plan, check, listeners);
      if (ours.length > 0) listened.push(narrowed(check, ours));
      if (inUse.length > 0) rest.push(narrowed(check, inUse));
      if (bare.length > 0) rest.push({ ...narrowed(check, bare), expect: bareExpectation(plan, check) });
    }
    asked.push(...sweepItems(target, listened, noPorts).map((item) => ({ ...item, ask: true })));
    if (rest.length > 0) others.set(target, rest);
  }
  const work = workOf(plan, host, others);
  return { ...work, sweep: [...asked, ...work.sweep], token };
}

interface Parts {
  /** Our listeners wait there. */
  readonly ours: PortSet;
  /** What listens there is asked as it is. */
  readonly inUse: PortSet;
  /** Nobody listens there, as far as is known. */
  readonly bare: PortSet;
}

function partsOf(plan: Plan, check: Check, listeners: ReadonlyMap<string, ListenerRecord>): Parts {
  const record = check.to.kind === 'host' ? listeners.get(check.to.name) : undefined;
  if (record === undefined) return { ours: noPorts, inUse: noPorts, bare: check.ports };
  const { listening, taken: held } = portsAt(record, check.target);
  const ours = intersectPorts(check.ports, listening);
  const taken = intersectPorts(check.ports, held);
  const bare = subtractPorts(check.ports, unionPorts(ours, taken));
  // After the installation the ports are the product's.
  return { ours, bare, inUse: plan.phase === 'check' ? taken : runningAt(check.services, record.holders, taken) };
}

/** Before the installation nobody is there to identify himself. */
function bareExpectation({ phase }: Plan, { expect }: Check): Check['expect'] {
  return phase === 'preflight' && expect === 'open' ? 'reachable' : expect;
}

function narrowed(check: Check, ports: PortSet): Check {
  return { ...check, ports, prefer: intersectPorts(check.prefer, ports) };
}
