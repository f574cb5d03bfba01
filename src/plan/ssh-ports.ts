import type { Check } from '../model/plan.js';
import { type PortSet, singlePort, unionPorts } from '../model/port-set.js';
import { sshdName, sshdOf } from '../model/sshd.js';

const sshPort = 22;
const wellKnown = singlePort(sshPort);

/** Which ports of one target an sshd answers, as far as the plan knows: the well-known one, the host's own, what a flow calls ssh. */
export function sshPorts(checks: readonly Check[]): PortSet {
  const further: PortSet[] = [];
  for (const { to, services } of checks) {
    if (to.kind === 'host' && to.ssh.port !== undefined) further.push(singlePort(to.ssh.port));
    for (const { ports, service } of services) if (service.name === 'ssh') further.push(ports);
  }
  return further.length === 0 ? wellKnown : unionPorts(wellKnown, ...further);
}

/** The sshd at a port of a target, as its logins name it: a host has one, by whichever of its addresses it is reached. */
export function sshdAt(target: string, port: number, checks: readonly Check[]): string {
  for (const { to } of checks) if (to.kind === 'host' && port === (to.ssh.port ?? sshPort)) return sshdOf(to);
  return sshdName(target, port);
}
