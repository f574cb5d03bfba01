import type { Check, ControlProbe } from '../model/plan.js';
import { hasPort, type PortSet, subtractPorts, unionPorts } from '../model/port-set.js';
import { proxiedPorts } from '../model/proxied-ports.js';
import { isDenial } from './opposed.js';

const sshPort = 22;

/**
 * The probe that shows whether silence towards a target means anything: the SSH port of the host that is expected there.
 * Undefined where nothing is denied, where a planned probe shows it already, and where no such port can be tried.
 */
export function controlFor(checks: readonly Check[], guardedPorts: PortSet): ControlProbe | undefined {
  if (!checks.some((check) => isDenial(check.expect))) return undefined;
  const denials = checks.filter((check) => isDenial(check.expect));
  const denied = unionPorts(...denials.map(({ ports }) => ports));
  const proving = unionPorts(denied, proxiedPorts);
  const provided = checks.some((check) => !denials.includes(check) && subtractPorts(check.ports, proving).length > 0);
  if (provided) return undefined;
  for (const { from, to, target } of denials) {
    if (to.kind !== 'host' || !(target === to.address || [...to.addresses.values()].includes(target))) continue;
    const port = to.ssh.port ?? sshPort;
    if (!hasPort(denied, port) && !hasPort(guardedPorts, port)) return { from: from.name, target, port };
  }
  return undefined;
}
