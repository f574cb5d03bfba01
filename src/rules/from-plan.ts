import type { Member } from '../model/inventory.js';
import type { Check, Plan, PlannedFlow } from '../model/plan.js';
import { singlePort } from '../model/port-set.js';
import { proxyTo } from '../model/proxy.js';
import { anyHost, loopbackNetwork } from '../model/scenario.js';
import { RuleMerger } from './merge.js';
import { familyOf, oneLine, type Party, type ProposedRule, partyOf, purposeOf } from './request.js';
import { sourceParty } from './source-address.js';

/** What a plan or a report asks for, and sentences on what is left out. */
export interface Wanted {
  readonly rules: readonly ProposedRule[];
  readonly notes: readonly string[];
}

/**
 * What has to be let through for a plan's flows to pass, made as {@link everySource} has it; `members` are the site's real
 * ones. Pairs that no firewall comes between are left out: a host with itself, and what one address sends to itself.
 */
export function wantedByPlan(plan: Plan, members: ReadonlyMap<string, Member>): Wanted {
  const merger = new RuleMerger();
  const notes: string[] = [];
  for (const planned of plan.flows) {
    const { destinationsWithoutAddress, flow, scenario, state } = planned;
    if (flow.expect !== 'open' && flow.expect !== 'reachable') continue;
    const name = `${scenario}/${flow.id}`;
    if (state.kind !== 'planned') notes.push(`${name} is left out: ${state.reason}`);
    else if (flow.network !== loopbackNetwork) addFlow(planned, members, merger);
    if (destinationsWithoutAddress.length > 0)
      notes.push(
        `${name} to ${destinationsWithoutAddress.join(', ')} is left out: no address on the network "${flow.network}"`,
      );
    for (const note of planned.notes) notes.push(`${name}: ${note}`);
  }
  return { rules: merger.rules(), notes: notes.map(oneLine) };
}

function addFlow(planned: PlannedFlow, members: ReadonlyMap<string, Member>, merger: RuleMerger): void {
  const { bound, checks, flow, scenario, sources } = planned;
  const { short, title } = bound.scenario.document;
  const purpose = purposeOf(
    `${scenario}/${flow.id}`,
    flow.title,
    flow.severity,
    flow.cite,
    short === undefined ? title : undefined,
  );
  const destinations = new Map<string, Destination>();
  for (const source of sources) {
    const member = members.get(source)!;
    if (isOutsider(member, flow.from)) continue;
    const ways = new Map<string, Party>();
    for (const check of checks.ofSource(source)) {
      if (check.to.name === source) continue;
      let destination = destinations.get(check.to.name);
      if (destination === undefined) {
        destination = destinationOf(check);
        destinations.set(check.to.name, destination);
      }
      const { family, party, ports } = destination;
      let way = ways.get(family);
      if (way === undefined) {
        way = sourceParty(member, party.address, flow.network);
        ways.set(family, way);
      }
      merger.add(way, party, ports, purpose);
    }
  }
}

/** Every other host of the site is meant, and endpoints only where they hold a role that is named beside. */
function isOutsider({ kind, roles }: Member, from: readonly string[]): boolean {
  return kind === 'endpoint' && from.includes(anyHost) && !roles.some((role) => from.includes(role));
}

interface Destination extends Pick<Check, 'ports'> {
  readonly party: Party;
  readonly family: string;
}

/** Where the packets go: to the proxy, where there is one. */
function destinationOf({ ports, target, to }: Check): Destination {
  const via = proxyTo(to);
  const party = via === undefined ? partyOf(to.name, target) : partyOf('HTTP proxy', via.host);
  return { party, ports: via === undefined ? ports : singlePort(via.port), family: `${familyOf(party.address)}` };
}
