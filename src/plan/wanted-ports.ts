import { isIP } from 'node:net';
import { canonicalAddress, isOwnAddress } from '../model/addresses.js';
import type { ListenItem } from '../model/listening.js';
import type { Check, Plan } from '../model/plan.js';
import { noPorts, type PortSet, subtractPorts, unionPorts } from '../model/port-set.js';
import { portOccupancies } from './port-occupancies.js';

/** Which flows are proven with temporary listeners. */
export interface Proving {
  /** `preflight`: all that are to be let through, and `filtered`; `idle`: after the installation, `reachable` only. */
  readonly flows: 'preflight' | 'idle';
  /** Listen for `closed` flows too: a refusal then is a firewall's, not an absent service's. */
  readonly closed: boolean;
}

/** Ports that a host is to be tried for, by the address as the inventory writes it. */
export interface WantedPorts {
  readonly target: string;
  readonly ports: PortSet;
  /** False: only to see whether they are free. */
  readonly listen: boolean;
}

/** What each host of a plan is tried for: the ports that flows lead to, and those that have to be free. */
export function wantedPorts(plan: Plan, proving: Proving): ReadonlyMap<string, readonly WantedPorts[]> {
  const wanted = new Map<string, Map<string, WantedPorts>>();
  const add = (host: string, target: string, ports: PortSet, listen: boolean) => {
    if (ports.length === 0) return;
    const ofHost = wanted.get(host) ?? new Map<string, WantedPorts>();
    wanted.set(host, ofHost);
    const key = `${target} ${listen}`;
    ofHost.set(key, { target, listen, ports: unionPorts(ofHost.get(key)?.ports ?? [], ports) });
  };
  const spared = proving.flows === 'idle' ? servicePorts(plan) : undefined;
  for (const { checks } of plan.flows)
    for (const check of checks.byDestination())
      if (check.to.kind === 'host' && isProven(check, proving))
        add(check.to.name, check.target, subtractPorts(check.ports, spared?.get(check.to.name) ?? noPorts), true);
  if (proving.flows === 'preflight')
    for (const { host, ports } of portOccupancies(plan)) add(host.name, host.address, ports, false);
  return new Map([...wanted].map(([host, ofHost]) => [host, [...ofHost.values()]]));
}

/**
 * Ports where after the installation a service has to answer, by host: were it down, a listener of ours would answer its
 * checks in its place.
 */
function servicePorts(plan: Plan): ReadonlyMap<string, PortSet> {
  const ports = new Map<string, PortSet>();
  for (const { checks, flow } of plan.flows)
    if (flow.expect === 'open')
      for (const check of checks.byDestination())
        ports.set(check.to.name, unionPorts(ports.get(check.to.name) ?? noPorts, check.ports));
  return ports;
}

/** Whether a check is proven by a listener of ours, where one can be started. */
export function isProven({ expect }: Pick<Check, 'expect'>, { closed, flows }: Proving): boolean {
  if (expect === 'closed') return closed;
  return flows === 'preflight' || expect === 'reachable';
}

/**
 * The same as the node can bind it: a name, or an address that is translated on the way, by every address. No port twice on
 * one address, or our own listeners would be in each other's way.
 */
export function listenItems(wanted: readonly WantedPorts[], own: readonly string[] | undefined): readonly ListenItem[] {
  const everywhere = { listen: [] as PortSet[], free: [] as PortSet[] };
  const byAddress = new Map<string, typeof everywhere>();
  for (const { listen, ports, target } of wanted) {
    const bindable = isIP(target) !== 0 && isOwnAddress(target, own) !== false;
    const address = canonicalAddress(target);
    const place = bindable ? (byAddress.get(address) ?? { listen: [], free: [] }) : everywhere;
    if (bindable) byAddress.set(address, place);
    (listen ? place.listen : place.free).push(ports);
  }
  const items: Omit<ListenItem, 'id'>[] = [];
  const listened = unionPorts(...everywhere.listen);
  const tried = subtractPorts(unionPorts(...everywhere.free), listened);
  if (listened.length > 0) items.push({ address: undefined, ports: listened, listen: true });
  for (const [address, { free, listen }] of byAddress) {
    const ports = subtractPorts(unionPorts(...listen), listened);
    if (ports.length > 0) items.push({ address, ports, listen: true });
    const rest = subtractPorts(unionPorts(...free), unionPorts(...listen, listened));
    if (rest.length > 0) items.push({ address, ports: rest, listen: false });
  }
  if (tried.length > 0) items.push({ address: undefined, ports: tried, listen: false });
  return items.map((item, id) => ({ id, ...item }));
}
