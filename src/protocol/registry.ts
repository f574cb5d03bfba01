import type { Dialogue } from '../model/dialogue.js';
import { type PortSet, unionPorts } from '../model/port-set.js';
import type { ServiceName } from '../model/service.js';
import { mysql } from './mysql/dialogue.js';

/** Every dialogue, one line each. */
export const dialogues: readonly Dialogue[] = [mysql];

const byService: ReadonlyMap<ServiceName, Dialogue> = new Map(
  dialogues.map((dialogue) => [dialogue.service, dialogue]),
);

export function dialogueFor(service: ServiceName): Dialogue | undefined {
  return byService.get(service);
}

/** The services that are identified by a dialogue. */
export const servicesWithDialogue: ReadonlySet<ServiceName> = new Set(byService.keys());

const punishing = dialogues.filter((dialogue) => dialogue.punishesBareConnects);

/** The services whose ports no sweep may touch. */
export const punishingServices: ReadonlySet<ServiceName> = new Set(punishing.map((dialogue) => dialogue.service));

/** The well-known ports of these services: no sweep touches them even where no flow names the service. */
export const guardedPorts: PortSet = unionPorts(...punishing.map((dialogue) => dialogue.guardedPorts));

/** The service that speaks on a guarded port where no flow names one. */
export function guardingService(port: number): ServiceName | undefined {
  return punishing.find((dialogue) => dialogue.guardedPorts.some(([first, last]) => first <= port && port <= last))
    ?.service;
}
