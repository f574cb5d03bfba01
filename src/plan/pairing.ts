import type { Host, Member } from '../model/inventory.js';
import { anyHost, type Flow, loopbackNetwork } from '../model/scenario.js';

/** Who holds a flow's roles, in the inventory's order. */
export interface Holders {
  readonly sources: readonly Member[];
  readonly destinations: readonly Member[];
}

/** The destinations of one source. */
export interface SourceRow {
  readonly source: Member;
  readonly destinations: readonly Member[];
}

export function holdersOf(flow: Pick<Flow, 'from' | 'to'>, members: readonly Member[]): Holders {
  const everyHost = flow.from.includes(anyHost);
  return {
    sources: members.filter((member) => (everyHost && isHost(member)) || holdsAny(member, flow.from)),
    destinations: members.filter((member) => holdsAny(member, flow.to)),
  };
}

export function holdsAny(member: Member, roles: readonly string[]): boolean {
  return member.roles.some((role) => roles.includes(role));
}

export function isHost(member: Member): member is Host {
  return member.kind === 'host';
}

/** The pairs that the flow leads along, conditions aside. Sources without a destination are left out. */
export function pairUp(flow: Flow, { sources, destinations }: Holders): readonly SourceRow[] {
  return narrowRows(
    sources.map((source) => ({ source, destinations })),
    (source, destination) => mayPair(flow, source, destination),
  );
}

/** The pairs for which `keep` is true. */
export function narrowRows(
  rows: readonly SourceRow[],
  keep: (source: Member, destination: Member) => boolean,
): readonly SourceRow[] {
  return rows
    .map(({ source, destinations }) => ({ source, destinations: destinations.filter((each) => keep(source, each)) }))
    .filter(({ destinations }) => destinations.length > 0);
}

/** Where the flow's probes to a destination go; undefined where it has no address on the flow's network. */
export function targetOf({ network }: Flow, destination: Member): string | undefined {
  if (network === undefined) return destination.address;
  return network === loopbackNetwork ? '127.0.0.1' : destination.addresses.get(network);
}

function mayPair(flow: Flow, source: Member, destination: Member): boolean {
  if (source === destination) return flow.self !== false || flow.network === loopbackNetwork;
  if (flow.self === 'only' || flow.network === loopbackNetwork) return false;
  return !flow.withinCluster || source.cluster === destination.cluster;
}
