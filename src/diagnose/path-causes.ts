import { type Cause, type Circumstances, from, permit, to, why } from './cause.js';
import { listNames, listTexts, namePorts } from './names.js';

/** Added at runtime and for good: a reload would drop every rule that exists at runtime only, containers' among them. */
function firewalld({ ports }: Circumstances): string {
  const [first, last] = ports[0] ?? [0, 0];
  const some = first === last ? `${first}` : `${first}-${last}`;
  const more = ports.length > 1 ? ', and likewise for the other ports' : '';
  return `firewall-cmd --add-port=${some}/tcp, and once more with --permanent${more}`;
}

/** What lies on the way: firewalls, routes, names. */
export const pathCauses = {
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
      seen.alive
        ? `Nothing at all comes back to ${from(seen)} from ${to(seen)} (${listNames(seen.addresses)}), which is up and has that address: a firewall drops everything on the way there or back, that of ${from(seen)} among those that may.`
        : `Nothing at all comes back to ${from(seen)} from ${to(seen)} (${listNames(seen.addresses)}): a firewall drops everything, the address is wrong, or the host is down.`,
    remedy: (seen) =>
      seen.alive
        ? `On ${from(seen)} and on ${to(seen)}: nft list ruleset, for what drops new connections or their answers; then ask the network team to ${permit(seen)}.`
        : `Check the address in the inventory, and that the host is up; then ask the network team to ${permit(seen)}.`,
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
} satisfies Readonly<Record<string, Cause>>;

function rateLimit({ mixed }: Circumstances): string {
  return mixed ? ' The silent ports among them are the same rule: Linux sends only a few ICMP messages a second.' : '';
}

function answers(destinations: readonly string[]): string {
  return destinations.length === 1 ? 'answers' : 'answer';
}
