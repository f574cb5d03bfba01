import type { Check, NamedService, Plan } from '../model/plan.js';
import { intersectPorts, noPorts, type PortSet, subtractPorts, unionPorts } from '../model/port-set.js';
import { punishingServices } from './guard.js';

/** Ports of one target that dialogues speak to, and no sweep touches. */
export interface SpokenPorts {
  readonly ports: PortSet;
  /** Disjoint: one port, one dialogue. */
  readonly dialogues: readonly NamedService[];
}

const nothing: SpokenPorts = { ports: noPorts, dialogues: [] };

/**
 * Takes all checks of one source and target. First what a flow gives to a service that punishes bare connects; then the
 * rest of the guarded ports, except where a flow names another service for that very port of that target; then what has to
 * identify itself. Where any one of several ports will do, identification would mean a conversation with each: swept.
 */
export function spokenPorts(checks: readonly Check[], plan: Plan): SpokenPorts {
  const { dialogues, guardedPorts } = plan;
  if (dialogues.length === 0) return nothing;
  const covered = checks.length === 1 ? checks[0]!.ports : unionPorts(...checks.map(({ ports }) => ports));
  const punishing = punishingServices(dialogues);
  const named = checks.flatMap((check) => servicesOf(check).map((each) => ({ ...each, check })));
  const taken = new Assignment();
  for (const { service, ports } of named) if (punishing.has(service)) taken.assign(service, ports);

  const spokenFor = named.filter(({ service }) => service !== 'tcp').map(({ ports }) => ports);
  const guarded = subtractPorts(intersectPorts(covered, guardedPorts), unionPorts(...spokenFor));
  const guards = dialogues.filter((each) => each.punishesBareConnects);
  for (const guard of guards) taken.assign(guard.service, intersectPorts(guarded, guard.guardedPorts));
  // Guarded because a flow names it for some other destination.
  if (guards.length > 0) taken.assign(guards[0]!.service, guarded);

  const services = new Set(dialogues.map(({ service }) => service));
  for (const { service, ports, check } of named) {
    const { expect, match } = check.flow.flow;
    if (expect === 'open' && match.ports === 'all' && services.has(service)) taken.assign(service, ports);
  }
  return taken.result();
}

function servicesOf({ services, ports }: Check): readonly NamedService[] {
  return services
    .map((each) => ({ service: each.service, ports: intersectPorts(each.ports, ports) }))
    .filter((each) => each.ports.length > 0);
}

/** Gives ports to services; who comes first keeps them. */
class Assignment {
  #ports: PortSet = noPorts;
  readonly #dialogues: NamedService[] = [];

  assign(service: NamedService['service'], wanted: PortSet): void {
    const ports = subtractPorts(wanted, this.#ports);
    if (ports.length === 0) return;
    this.#dialogues.push({ service, ports });
    this.#ports = unionPorts(this.#ports, ports);
  }

  result(): SpokenPorts {
    return { ports: this.#ports, dialogues: this.#dialogues };
  }
}
