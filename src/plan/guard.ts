import type { DialogueTraits } from '../model/dialogue.js';
import type { Member } from '../model/inventory.js';
import { type PortSet, unionPorts } from '../model/port-set.js';
import type { BoundScenario } from '../model/scenario.js';
import type { ServiceName } from '../model/service.js';
import { namedServices } from './flow-ports.js';
import { holdsAny } from './pairing.js';

export function punishingServices(dialogues: readonly DialogueTraits[]): ReadonlySet<ServiceName> {
  return new Set(dialogues.filter((each) => each.punishesBareConnects).map(({ service }) => service));
}

/**
 * The ports that no sweep may touch: the well-known ones, and those that any flow of any scenario gives to such a service,
 * whatever the filters leave of the flow: a port is not safer for not having been asked about.
 */
export function guardedPortsOf(
  scenarios: readonly BoundScenario[],
  members: readonly Member[],
  dialogues: readonly DialogueTraits[],
): PortSet {
  const punishing = punishingServices(dialogues);
  const guarded = dialogues.filter((each) => each.punishesBareConnects).map((each) => each.guardedPorts);
  for (const bound of scenarios) {
    for (const flow of bound.scenario.flows) {
      const listeners = members.filter((member) => member.ports.size > 0 && holdsAny(member, flow.to));
      for (const listener of [undefined, ...listeners]) {
        for (const { service, ports } of namedServices(bound, flow, listener)) {
          if (punishing.has(service)) guarded.push(ports);
        }
      }
    }
  }
  return unionPorts(...guarded);
}
