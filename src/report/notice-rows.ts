import { compactNames } from '../model/compact-names.js';
import type { Member } from '../model/inventory.js';
import type { Plan, PlannedFlow } from '../model/plan.js';
import { type PortSet, unionPorts } from '../model/port-set.js';
import { PortUnion } from '../model/port-union.js';
import { proxyTo } from '../model/proxy.js';
import { probesOfFlow } from './plan-counts.js';

/** What passes between the same sources and the same destinations, of whichever flows. */
export interface NoticeRow {
  readonly from: string;
  readonly to: string;
  readonly ports: PortSet;
  readonly flows: readonly string[];
  /** Which of the destinations are reached through which proxy, a sentence each. */
  readonly proxies: readonly string[];
  /** Of all its flows; what they share is counted more than once. */
  readonly connects: number;
}

// More would be read by nobody; `portolan plan` and the inventory have them all.
const mostNames = 8;

/** Names as patterns, `exa-n[11:40]`; of very many that make no pattern the first, and how many more there are. */
export function namesText(names: readonly string[]): string {
  const parts = compactNames(names);
  if (parts.length <= mostNames) return parts.join(', ');
  return `${parts.slice(0, mostNames).join(', ')} and ${parts.length - mostNames} more`;
}

/** Which destinations are reached through which proxy. */
export function proxiesOf({ destinations }: PlannedFlow, { members }: Plan): string[] {
  const byProxy = new Map<string, string[]>();
  for (const name of destinations) {
    const member = members.get(name);
    const via = member && proxyTo(member);
    if (via === undefined) continue;
    byProxy.set(via.authority, [...(byProxy.get(via.authority) ?? []), name]);
  }
  return [...byProxy].map(([authority, names]) => `to ${namesText(names)} through the HTTP proxy ${authority}`);
}

/** The rows of a plan, in its order. */
export function noticeRows(plan: Plan): readonly NoticeRow[] {
  const rows = new Map<string, NoticeRow>();
  for (const planned of plan.flows) {
    if (planned.checks.length === 0) continue;
    const from = namesText(planned.sources);
    const to = namesText(planned.destinations);
    const flow = `${planned.scenario}/${planned.flow.id}`;
    const shared = { from, to, ports: portsOf(planned), flows: [flow], connects: probesOfFlow(planned) };
    const row: NoticeRow = { ...shared, proxies: proxiesOf(planned, plan) };
    const key = `${from} > ${to}`;
    const known = rows.get(key);
    rows.set(key, known === undefined ? row : merged(known, row));
  }
  return [...rows.values()];
}

function merged(a: NoticeRow, b: NoticeRow): NoticeRow {
  return {
    ...a,
    ports: unionPorts(a.ports, b.ports),
    flows: [...a.flows, ...b.flows],
    connects: a.connects + b.connects,
  };
}

/** What its checks really cover: hosts may have values of their own, and a sample leaves ports out. */
function portsOf({ checks }: PlannedFlow): PortSet {
  const union = new PortUnion();
  for (const ports of checks.portSets().keys()) union.add(ports);
  return union.ports();
}

/** Who has which addresses: members of the same roles together. */
export function addressRows(members: Iterable<Member>): readonly (readonly [names: string, addresses: string])[] {
  const groups = new Map<string, Member[]>();
  for (const member of members) {
    const key = `${member.kind} ${member.roles.join(' ')}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [member]);
    else group.push(member);
  }
  return [...groups.values()].map((group) => {
    const addresses = new Set(group.flatMap(({ address, addresses: further }) => [address, ...further.values()]));
    return [namesText(group.map(({ name }) => name)), namesText([...addresses])];
  });
}
