import type { DialogueTraits } from '../model/dialogue.js';
import type { Member } from '../model/inventory.js';
import { type PortSet, unionPorts } from '../model/port-set.js';
import type { BoundScenario, Flow } from '../model/scenario.js';
import type { ServiceName } from '../model/service.js';
import { namedServices } from './flow-ports.js';
import { PairCondition } from './pair-condition.js';
import { holdersOf, narrowRows, pairUp } from './pairing.js';

export function punishes(dialogue: DialogueTraits): boolean {
  return dialogue.bareConnects({}) === 'punished';
}

export function punishingServices(dialogues: readonly DialogueTraits[]): ReadonlySet<ServiceName> {
  return new Set(dialogues.filter(punishes).map(({ service }) => service));
}

/**
 * The ports that no sweep may touch: the well-known ones, and those that any flow of any scenario gives to such a service
 * at a destination it leads to, whatever the filters leave of the flow: a port is not safer for not having been asked about.
 */
export function guardedPortsOf(
  scenarios: readonly BoundScenario[],
  members: readonly Member[],
  dialogues: readonly DialogueTraits[],
): PortSet {
  const punishing = punishingServices(dialogues);
  const guarded = dialogues.filter(punishes).map((each) => each.guardedPorts);
  for (const bound of scenarios) {
    for (const flow of bound.scenario.flows) {
      if (!namedServices(bound, flow).some(({ service }) => punishing.has(service.name))) continue;
      for (const listener of listenersOf(bound, flow, members)) {
        for (const { service, ports } of namedServices(bound, flow, listener)) {
          if (punishing.has(service.name)) guarded.push(ports);
        }
      }
    }
  }
  return unionPorts(...guarded);
}

// A flow that its condition rules out says nothing of the port: "where the database is MySQL" is none of PostgreSQL's.
function listenersOf(bound: BoundScenario, flow: Flow, members: readonly Member[]): ReadonlySet<Member> {
  const condition = new PairCondition(bound, flow.when);
  const rows = narrowRows(pairUp(flow, holdersOf(flow, members)), (source, destination) =>
    condition.allows(source, destination),
  );
  return new Set(rows.flatMap(({ destinations }) => destinations));
}
