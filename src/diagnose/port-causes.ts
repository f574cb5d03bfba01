import { countPorts } from '../model/port-set.js';
import { type Cause, type Circumstances, from, permit, to, why } from './cause.js';
import { listNames, listTexts, namePorts, ssFilter } from './names.js';

/** What is found before an installation: ports that are taken, rules that are not kept, listeners of ours that are not met. */
export const portCauses = {
  'port-in-use': {
    scope: 'destination',
    owner: 'host',
    summary: (seen) =>
      `${to(seen)}: ${namePorts(seen.ports)} ${isOrAre(seen)} taken by ${why(seen)}: what is to be installed there will fail to start.`,
    remedy: (seen) =>
      `On ${to(seen)}: ${ssFilter(seen.ports)}. Stop or move what holds the port, or give the product another one and say so under "ports" in the inventory.`,
  },
  'installed-already': {
    scope: 'destination',
    owner: 'host',
    summary: (seen) =>
      `${to(seen)}: on ${namePorts(seen.ports)} the documented service answers already (${listTexts(seen.reasons, 2)}).`,
    remedy: (seen) =>
      `If ${to(seen)} is to be installed anew, stop or remove what runs there; if it is installed, run portolan check instead.`,
  },
  'client-holds-port': {
    scope: 'destination',
    owner: 'host',
    summary: (seen) =>
      `${to(seen)}: ${namePorts(seen.ports)} ${isOrAre(seen)} the local end of ${why(seen)}: a service that wants to listen there at that moment fails to start.`,
    remedy: (seen) =>
      `On ${to(seen)}: keep clients off it with sysctl -w net.ipv4.ip_local_reserved_ports=${seen.ports.map(([first, last]) => (first === last ? first : `${first}-${last}`)).join(',')} (add it to those that are reserved already), and wait until the connection has ended.`,
  },
  'port-taken-beside': {
    scope: 'destination',
    owner: 'host',
    summary: (seen) =>
      `${to(seen)}: ${namePorts(seen.ports)} ${isOrAre(seen)} free on the address of the inventory, but ${listTexts(seen.reasons, 2)}: a service that listens on every address fails to start.`,
    remedy: (seen) =>
      `On ${to(seen)}: ${ssFilter(seen.ports)}. Stop or move what is there, or let the product listen on ${listNames(seen.addresses)} only.`,
  },
  'rule-violated': {
    scope: 'flow',
    owner: 'inventory',
    summary: (seen) => `A rule of the document is not kept: ${listTexts(seen.reasons, 3)}.`,
    remedy: () => 'Change "ports" in the inventory, here or for the whole scenario, to what the document allows.',
  },
  'not-our-listener': {
    scope: 'destination',
    owner: 'network',
    summary: (seen) =>
      `${from(seen)} connects to ${namePorts(seen.ports)} of ${to(seen)}, but not to the listener that waits there (${listTexts(seen.reasons, 2)}): a proxy, a port mapping or another machine answers in its place.`,
    remedy: (seen) =>
      `On ${to(seen)}: tcpdump -ni any 'tcp port ${seen.ports[0]?.[0]}' while probing. If no SYN arrives, ask the network team what answers for ${listNames(seen.addresses)}, and to ${permit(seen)}; if one does, look for redirect and dnat in: nft list ruleset.`,
  },
  'payload-filtered': {
    scope: 'path',
    owner: 'network',
    summary: (seen) =>
      `${to(seen)} accepts connections of ${from(seen)} on ${namePorts(seen.ports)}, but what is said over them never arrives: a filter on the way reads the payload.`,
    remedy: (seen) =>
      `Ask the network team whether an application filter or an intrusion prevention system looks at these connections, and to ${permit(seen)} whatever the payload.`,
  },
  'large-packets-lost': {
    scope: 'route',
    owner: 'network',
    summary: (seen) =>
      `Between ${from(seen)} and ${to(seen)} small packets pass and full-sized ones are lost: the MTU of the path is smaller than that of the hosts, and the ICMP message that says so is filtered.`,
    remedy: (seen) =>
      `On ${from(seen)}: tracepath -n ${seen.addresses[0] ?? ''}. Ask the network team to let ICMP "fragmentation needed" (3/4) pass, or to clamp the MSS.`,
  },
} satisfies Readonly<Record<string, Cause>>;

function isOrAre({ ports }: Circumstances): string {
  return countPorts(ports) === 1 ? 'is' : 'are';
}
