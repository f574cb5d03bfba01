import type { UntriedCause } from '../model/observation.js';
import type { PortSet } from '../model/port-set.js';
import { listNames, listTexts, namePorts, ssFilter } from './names.js';

/** Where a cause sits: checks that share it are one finding. */
export type Scope = 'destination' | 'source' | 'device' | 'path' | 'reason' | 'flow';

/** What a cause's sentences are made from. */
export interface Circumstances {
  readonly sources: readonly string[];
  readonly destinations: readonly string[];
  /** The destinations' addresses as they were tried. */
  readonly addresses: readonly string[];
  readonly ports: PortSet;
  readonly senders: readonly string[];
  readonly reasons: readonly string[];
  /** `ADDRESS:PORT` of the destinations' listeners on these ports. */
  readonly listeners: readonly string[];
  readonly flows: readonly string[];
  /** Whether silence and rejections were mixed. */
  readonly mixed: boolean;
}

export type CauseName =
  | 'service-down'
  | 'no-host-answers'
  | 'bound-to-loopback'
  | 'bound-to-another-address'
  | 'connection-refused'
  | 'forged-refusal'
  | 'host-firewall'
  | 'network-firewall'
  | 'firewall-rejects'
  | 'packet-filter-drops'
  | 'no-answer'
  | 'other-address-answers'
  | 'destination-unreachable'
  | 'source-rule'
  | 'name-not-resolved'
  | 'wrong-service'
  | 'service-closes'
  | 'service-warning'
  | 'mysql-host-blocked'
  | 'answered-by-another'
  | 'unexpectedly-open'
  | 'not-filtered'
  | 'unproven-denial'
  | 'no-vantage'
  | 'no-address'
  | UntriedCause;

export interface Cause {
  readonly scope: Scope;
  readonly owner: 'service' | 'host' | 'network' | 'source' | 'inventory' | 'portolan';
  /** What was seen, and what it usually means. */
  summary(seen: Circumstances): string;
  /** The next step. */
  remedy(seen: Circumstances): string;
}

const to = (seen: Circumstances) => listNames(seen.destinations);
const from = (seen: Circumstances) => listNames(seen.sources);
const why = (seen: Circumstances) =>
  listTexts(
    seen.reasons.map((reason) => reason.replace(/^[a-z ]+: /, '')),
    2,
  );
const permit = (seen: Circumstances) =>
  `permit ${listNames(seen.sources)} to ${listNames(seen.addresses)} on tcp ${namePorts(seen.ports)}`;

/** Added at runtime and for good: a reload would drop every rule that exists at runtime only, containers' among them. */
function firewalld({ ports }: Circumstances): string {
  const [first, last] = ports[0] ?? [0, 0];
  const some = first === last ? `${first}` : `${first}-${last}`;
  const more = ports.length > 1 ? ', and likewise for the other ports' : '';
  return `firewall-cmd --add-port=${some}/tcp, and once more with --permanent${more}`;
}

/** Every cause a finding may name. */
export const causes: Readonly<Record<CauseName, Cause>> = {
  'service-down': {
    scope: 'destination',
    owner: 'service',
    summary: (seen) =>
      `${to(seen)} refuses ${namePorts(seen.ports)}, and nothing listens there: the service is not running, or uses another port.`,
    remedy: (seen) =>
      `On ${to(seen)}: ${ssFilter(seen.ports)}. Start the service, or set its real port in the inventory.`,
  },
  'no-host-answers': {
    scope: 'flow',
    owner: 'service',
    summary: (seen) =>
      `One of ${to(seen)} has to answer on ${namePorts(seen.ports)}, and all that could be asked refuse: the service runs on none of them, or uses another port.`,
    remedy: (seen) =>
      `Find the host that it was installed on; there: ${ssFilter(seen.ports)}. Start it there, or set its real port in the inventory.`,
  },
  'bound-to-loopback': {
    scope: 'destination',
    owner: 'service',
    summary: (seen) =>
      `${to(seen)} refuses ${namePorts(seen.ports)}: the service listens on ${listTexts(seen.listeners)} only, where no other host can reach it.`,
    remedy: (seen) =>
      `On ${to(seen)}: let the service listen on ${listNames(seen.addresses)} or on every address (its bind or listen setting), and restart it.`,
  },
  'bound-to-another-address': {
    scope: 'destination',
    owner: 'service',
    summary: (seen) =>
      `${to(seen)} refuses ${namePorts(seen.ports)} at ${listNames(seen.addresses)}: the service listens on ${listTexts(seen.listeners)} only.`,
    remedy: (seen) =>
      `Let the service listen on ${listNames(seen.addresses)} too, or give the inventory the address it is meant to be reached at.`,
  },
  'connection-refused': {
    scope: 'destination',
    owner: 'service',
    summary: (seen) =>
      `${to(seen)} refuses ${namePorts(seen.ports)}. Usually the service is not running or listens elsewhere; its LISTEN table is not known here, and a firewall may refuse too.`,
    remedy: (seen) =>
      `On ${to(seen)}: ${ssFilter(seen.ports)}. If the service does listen there, look for a firewall that rejects.`,
  },
  'forged-refusal': {
    scope: 'destination',
    owner: 'network',
    summary: (seen) =>
      `${to(seen)} listens on ${namePorts(seen.ports)}, and yet ${from(seen)} got a refusal: something on the way answers in its place, or the address leads to another machine.`,
    remedy: (seen) =>
      `On ${to(seen)}: tcpdump -ni any 'tcp port ${seen.ports[0]?.[0]}' while probing. If no SYN arrives, ask the network team for a rule that rejects with a reset, or for a duplicate of ${listNames(seen.addresses)}; if one does, look for "reject with tcp reset" in the host's own rules.`,
  },
  'host-firewall': {
    scope: 'destination',
    owner: 'host',
    summary: (seen) =>
      `The firewall of ${to(seen)} itself rejects ${namePorts(seen.ports)} (${listTexts(seen.reasons, 2)}).${rateLimit(seen)}`,
    remedy: (seen) => `On ${to(seen)}, with firewalld: ${firewalld(seen)}. Otherwise look at: nft list ruleset.`,
  },
  'network-firewall': {
    scope: 'device',
    owner: 'network',
    summary: (seen) =>
      `A device on the way, ${listNames(seen.senders)}, rejects ${namePorts(seen.ports)} from ${from(seen)} to ${to(seen)}.${rateLimit(seen)}`,
    remedy: (seen) => `Ask whoever runs ${listNames(seen.senders)} to ${permit(seen)}.`,
  },
  'firewall-rejects': {
    scope: 'path',
    owner: 'network',
    summary: (seen) =>
      `A firewall rejects ${namePorts(seen.ports)} from ${from(seen)} to ${to(seen)}; other ports of the address answer. This engine cannot see which device said so.${rateLimit(seen)}`,
    remedy: (seen) =>
      `First the firewall of ${to(seen)} (with firewalld: ${firewalld(seen)}); else ask the network team to ${permit(seen)}.`,
  },
  'packet-filter-drops': {
    scope: 'path',
    owner: 'network',
    summary: (seen) =>
      `${to(seen)} ${answers(seen.destinations)} ${from(seen)} on other ports, but from ${namePorts(seen.ports)} nothing comes back: a packet filter on the way or on the host drops them.`,
    remedy: (seen) =>
      `On ${to(seen)}: nft list ruleset; with firewalld: ${firewalld(seen)}. Else ask the network team to ${permit(seen)}.`,
  },
  'no-answer': {
    scope: 'path',
    owner: 'network',
    summary: (seen) =>
      `Nothing at all comes back to ${from(seen)} from ${to(seen)} (${listNames(seen.addresses)}): a firewall drops everything, the address is wrong, or the host is down.`,
    remedy: (seen) =>
      `Check the address in the inventory, and that the host is up; then ask the network team to ${permit(seen)}.`,
  },
  'other-address-answers': {
    scope: 'path',
    owner: 'network',
    summary: (seen) =>
      `${to(seen)} answers ${from(seen)} by another address of its name, but not by ${listNames(seen.addresses)} (${listTexts(seen.reasons, 2)}): a firewall or a missing route is in the way of that one, or it should not be in the name.`,
    remedy: (seen) =>
      `On ${from(seen)}: ip route get ${seen.addresses[0] ?? ''}. Take the address out of the name, or ask the network team to ${permit(seen)}.`,
  },
  'destination-unreachable': {
    scope: 'path',
    owner: 'network',
    summary: (seen) =>
      `${from(seen)} cannot reach ${to(seen)} (${listNames(seen.addresses)}) at all (${listTexts(seen.reasons, 2)}): the host is down, or there is no route to it.`,
    remedy: (seen) =>
      `On ${from(seen)}: ip route get ${seen.addresses[0] ?? ''}. Check that the address is right and the host is up; then ask for the route.`,
  },
  'source-rule': {
    scope: 'source',
    owner: 'source',
    summary: (seen) =>
      `${from(seen)} itself forbids connections to ${namePorts(seen.ports)} (${listTexts(seen.reasons, 2)}): an OUTPUT rule, or a prohibiting route.`,
    remedy: (seen) =>
      `On ${from(seen)}: nft list ruleset and ip route get ${seen.addresses[0] ?? ''}; remove the rule or the route.`,
  },
  'name-not-resolved': {
    scope: 'path',
    owner: 'source',
    summary: (seen) => `${from(seen)} cannot resolve ${listNames(seen.addresses)} (${why(seen)}).`,
    remedy: (seen) =>
      `On ${from(seen)}: getent ahosts ${seen.addresses[0] ?? ''}; look at /etc/resolv.conf and /etc/hosts there.`,
  },
  'wrong-service': {
    scope: 'destination',
    owner: 'service',
    summary: (seen) =>
      `On ${namePorts(seen.ports)} of ${to(seen)} another service answers than the documented one (${listTexts(seen.reasons, 2)}).`,
    remedy: (seen) =>
      `On ${to(seen)}: ${ssFilter(seen.ports)} shows whose it is. Move one of the two, or set the real port in the inventory.`,
  },
  'service-closes': {
    scope: 'destination',
    owner: 'service',
    summary: (seen) =>
      `${to(seen)} accepts on ${namePorts(seen.ports)} and closes before the service speaks: usually a port mapping or load balancer without a living backend.`,
    remedy: (seen) =>
      `On ${to(seen)}: ${ssFilter(seen.ports)}; look at the container or the backend pool behind it, and at the service's log.`,
  },
  'service-warning': {
    scope: 'destination',
    owner: 'service',
    summary: (seen) =>
      `${to(seen)} answers on ${namePorts(seen.ports)}, but something wants attention (${listTexts(seen.reasons, 2)}).`,
    remedy: (seen) => `Look at the service on ${to(seen)} and its log.`,
  },
  'mysql-host-blocked': {
    scope: 'destination',
    owner: 'service',
    summary: (seen) =>
      `${to(seen)} has blocked ${from(seen)} because of many broken connections (1129): nobody on that host can log in to the database any more.`,
    remedy: (seen) =>
      `On ${to(seen)}: mariadb-admin flush-hosts (mysqladmin on MySQL). Then find what connects and drops there (port scans, TCP health checks), or raise max_connect_errors.`,
  },
  'answered-by-another': {
    scope: 'destination',
    owner: 'host',
    summary: (seen) =>
      `Something answers on ${namePorts(seen.ports)} of ${to(seen)}, although nothing listens there: a port mapping, or a device on the way that accepts in its place.`,
    remedy: (seen) =>
      `If ${to(seen)} maps the port (container, NAT) all is well; else: tcpdump -ni any 'tcp port ${seen.ports[0]?.[0]}' there while probing.`,
  },
  'unexpectedly-open': {
    scope: 'destination',
    owner: 'network',
    summary: (seen) =>
      `${from(seen)} can connect to ${namePorts(seen.ports)} of ${to(seen)}, which must not be possible.`,
    remedy: (seen) =>
      `Close it: deny ${from(seen)} on the firewall, or let the service on ${to(seen)} listen on a narrower address.`,
  },
  'not-filtered': {
    scope: 'destination',
    owner: 'network',
    summary: (seen) =>
      `Packets of ${from(seen)} arrive at ${namePorts(seen.ports)} of ${to(seen)}, where they are refused; they must not even arrive.`,
    remedy: (seen) =>
      `Ask the network team to deny ${from(seen)} to ${listNames(seen.addresses)} on tcp ${namePorts(seen.ports)}.`,
  },
  'unproven-denial': {
    scope: 'path',
    owner: 'network',
    summary: (seen) =>
      `${namePorts(seen.ports)} of ${to(seen)} ${seen.destinations.length === 1 ? 'is' : 'are'} silent towards ${from(seen)}, but so is everything else: a dead host would look the same.`,
    remedy: (seen) =>
      `Let any port of ${listNames(seen.addresses)} answer ${from(seen)}, its SSH port for one, or check that the host is up and run again.`,
  },
  'no-vantage': {
    scope: 'reason',
    owner: 'inventory',
    summary: () => 'The sources of this flow are endpoints: nobody can log in to them, so nothing was tried.',
    remedy: () => 'Give the source role to a host on the same network that can be logged in to, or waive the flow.',
  },
  'no-address': {
    scope: 'reason',
    owner: 'inventory',
    summary: (seen) => `Destinations have no address on the flow's network (${why(seen)}).`,
    remedy: () => 'Add it under "addresses" in the inventory, or waive the flow.',
  },
  'no-login': {
    scope: 'source',
    owner: 'inventory',
    summary: (seen) => `Nothing could be tried from ${from(seen)}: ${why(seen)}.`,
    remedy: (seen) =>
      `Log in to ${from(seen)} by hand with the same user and key (ssh -v), mend what it says, and run again.`,
  },
  'no-engine': {
    scope: 'source',
    owner: 'source',
    summary: (seen) => `${from(seen)} has nothing to probe with: ${why(seen)}.`,
    remedy: (seen) => `Install python3 or perl on ${from(seen)}, or allow TCP forwarding in its sshd.`,
  },
  'connection-lost': {
    scope: 'source',
    owner: 'source',
    summary: (seen) => `The connection to ${from(seen)} broke before everything was tried: ${why(seen)}.`,
    remedy: (seen) =>
      `Run again with --from ${seen.sources[0] ?? ''}. If it breaks again, look at sshd's log there and at ClientAlive settings.`,
  },
  'forwarding-forbidden': {
    scope: 'source',
    owner: 'source',
    summary: (seen) => `The sshd of ${from(seen)} forbids TCP forwarding, which these probes need: ${why(seen)}.`,
    remedy: (seen) =>
      `On ${from(seen)}: allow it for this user (AllowTcpForwarding local, no DisableForwarding), or install python3 or perl.`,
  },
  'out-of-sockets': {
    scope: 'source',
    owner: 'source',
    summary: (seen) => `${from(seen)} ran out of sockets for ${namePorts(seen.ports)}: ${why(seen)}.`,
    remedy: (seen) => `On ${from(seen)}: raise ulimit -n, or run with a lower --rate.`,
  },
  'own-address': {
    scope: 'source',
    owner: 'inventory',
    summary: (seen) =>
      `${listNames(seen.addresses)} belongs to ${from(seen)} itself: an answer from there would prove nothing about the network.`,
    remedy: () => 'Probe it from a host that does not hold the address, or mark the flow self: true.',
  },
  interrupted: {
    scope: 'reason',
    owner: 'portolan',
    summary: () => 'The run ended before this was tried.',
    remedy: () => 'Run it again.',
  },
  'engine-failed': {
    scope: 'source',
    owner: 'portolan',
    summary: (seen) => `The probe on ${from(seen)} brought no answer for ${namePorts(seen.ports)}: ${why(seen)}.`,
    remedy: (seen) => `Run again with --from ${seen.sources[0] ?? ''} -v; if it stays, please report it.`,
  },
};

function rateLimit({ mixed }: Circumstances): string {
  return mixed ? ' The silent ports among them are the same rule: Linux sends only a few ICMP messages a second.' : '';
}

function answers(destinations: readonly string[]): string {
  return destinations.length === 1 ? 'answers' : 'answer';
}
