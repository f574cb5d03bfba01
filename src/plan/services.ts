import type { Plan } from '../model/plan.js';
import type { Service } from '../model/service.js';
import { namedServices } from './flow-ports.js';

/** The services that the checks of a plan ask for, each once. */
export function servicesOf({ flows, members }: Plan): readonly Service[] {
  const services = new Map<string, Service>();
  for (const { bound, checks, destinations, flow } of flows) {
    if (checks.length === 0 || flow.expect !== 'open') continue;
    for (const name of destinations)
      for (const { service } of namedServices(bound, flow, members.get(name))) services.set(service.key, service);
  }
  return [...services.values()];
}
