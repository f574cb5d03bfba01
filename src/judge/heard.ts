import type { AddressObservation, Spoken } from '../model/observation.js';
import type { Check } from '../model/plan.js';
import { hasPort, unionPorts } from '../model/port-set.js';
import type { Service } from '../model/service.js';

/** What a dialogue that a check is held to brought. */
export interface Heard {
  readonly spoken: Spoken;
  /** The service that the check names for the port. */
  readonly service: Service | undefined;
}

/**
 * Of what was said at the ports of a check, what counts for it: the dialogue that it asks for; or, where a port was left to
 * a dialogue that other flows ask for, that one.
 */
export function heardOf(
  check: Check,
  spoken: readonly Spoken[],
  segments: AddressObservation['segments'],
): readonly Heard[] {
  const relevant = spoken.filter(({ port }) => hasPort(check.ports, port));
  if (relevant.length === 0) return [];
  const swept = unionPorts(...segments.map(({ ports }) => ports));
  const heard = new Map<number, Heard>();
  for (const each of relevant) {
    const service = check.services.find(({ ports }) => hasPort(ports, each.port))?.service;
    const asked = service?.key === each.service;
    if (asked || (!heard.has(each.port) && !hasPort(swept, each.port))) heard.set(each.port, { spoken: each, service });
  }
  return [...heard.values()];
}
