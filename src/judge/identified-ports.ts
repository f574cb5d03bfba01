import type { ListenerRecord } from '../model/listening.js';
import { isIdentified, type Observations } from '../model/observation.js';
import type { PortOccupancy } from '../model/plan.js';
import { hasPort, noPorts, type PortInterval, type PortSet, portSet } from '../model/port-set.js';
import type { Service } from '../model/service.js';

/**
 * Ports of a host where the very service that is named for them identified itself to some source as the documented product.
 * What a process is called proves nothing, and neither does a web server that says no more than that it is one.
 */
export function identifiedPorts(
  { host, ports, services }: Pick<PortOccupancy, 'host' | 'ports' | 'services'>,
  { holders }: Pick<ListenerRecord, 'holders'>,
  { targets }: Pick<Observations, 'targets'>,
): PortSet {
  const named = services.filter(({ service }) => namesProduct(service));
  // What every source saw is read only where it decides something.
  const isTaken = holders.some(({ kind, port }) => kind === 'listener' && hasPort(ports, port));
  if (named.length === 0 || !isTaken) return noPorts;
  const found: PortInterval[] = [];
  for (const source of targets.values())
    for (const { spoken } of source.get(host.address)?.addresses ?? [])
      for (const { answer, port, service } of spoken) {
        const isNamed = named.some((each) => each.service.key === service && hasPort(each.ports, port));
        if (isNamed && answer.kind === 'dialogue' && isIdentified(answer) && hasPort(ports, port))
          found.push([port, port]);
      }
  return portSet(found);
}

/** Whether an answer in its protocol is more than any server of that protocol would give. */
function namesProduct({ name, settings }: Service): boolean {
  switch (name) {
    case 'http':
    case 'https':
      return settings.body !== undefined || Object.keys(settings.answerHeaders ?? {}).length > 0;
    case 'tcp':
    case 'tls':
    case 'grpc':
      return false;
    default:
      return true;
  }
}
