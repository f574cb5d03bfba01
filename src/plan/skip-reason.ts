import { anyHost, type Flow, loopbackNetwork } from '../model/scenario.js';
import type { Holders, SourceRow } from './pairing.js';

export function phaseReason({ phase }: Flow, wanted: 'check' | 'preflight'): string | undefined {
  if (phase === 'both' || phase === wanted) return undefined;
  return phase === 'preflight'
    ? 'matters before the installation only: enforced by portolan preflight'
    : 'matters after the installation only: verified by portolan check';
}

export function holdersReason(flow: Flow, { sources, destinations }: Holders): string | undefined {
  if (flow.from.includes(anyHost) && sources.length === 0) return 'the site has no host';
  const unheld = [
    ...(sources.length === 0 ? [namesOf(flow.from)] : []),
    ...(destinations.length === 0 ? [namesOf(flow.to)] : []),
  ];
  return unheld.length === 0 ? undefined : `no host or endpoint holds ${[...new Set(unheld)].join(', nor ')}`;
}

export function pairsReason(flow: Flow, rows: readonly SourceRow[]): string | undefined {
  if (rows.length > 0) return undefined;
  if (flow.self === 'only' || flow.network === loopbackNetwork)
    return `leads from a host to itself, and none holds both ${namesOf(flow.from)} and ${namesOf(flow.to)}`;
  if (flow.withinCluster) return 'stays inside a cluster, and no cluster has both ends of it';
  return 'both ends are one and the same host, which the flow does not pair with itself';
}

export function conditionReason({ when }: Flow, rows: readonly SourceRow[]): string | undefined {
  return rows.length > 0 ? undefined : `its condition does not hold here: ${when?.text}`;
}

function namesOf(roles: readonly string[]): string {
  return roles.length === 1 ? `the role ${roles[0]}` : `any of the roles ${roles.join(', ')}`;
}
