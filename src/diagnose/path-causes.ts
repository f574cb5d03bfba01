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
      `${to(seen)} ${answers(seen.destinations)} ${from(seen)} ${answeringPorts(seen)}, but from ${namePorts(seen.ports)} nothing comes back: a packet filter on the way or on the host drops them.`,
    remedy: (seen) =>
      `On ${to(seen)}: nft list ruleset; with firewalld: ${firewalld(seen)}. Else ask the network team to ${permit(seen)}.`,
  },
  'source-filtered': {
    scope: 'path',
    owner: 'network',
    summary: (seen) =>
      `From ${namePorts(seen.ports)} of ${to(seen)} answers come back to ${listNames(seen.others) || 'other hosts'}, but none to ${from(seen)}: a packet filter on the way or on ${to(seen)} treats the sources differently.`,
    remedy: (seen) =>
      `Compare the rules for ${listNames(seen.others) || 'the other hosts'} with those for ${from(seen)}: first on ${to(seen)} (nft list ruleset), then ask the network team to ${permit(seen)}.`,
  },
  'host-filter-drops': {
    scope: 'destination',
    owner: 'host',
    summary: (seen) =>
      `Not even ${to(seen)} itself gets an answer from ${namePorts(seen.ports)} at ${listNames(seen.addresses)}: the packet filter of ${to(seen)} drops them, or the service there takes no more connections. No other device is the cause.`,
    remedy: (seen) =>
      `On ${to(seen)}: nft list ruleset; with firewalld: ${firewalld(seen)}. Look with ss -ltn whether connections wait to be accepted (Recv-Q).`,
  },
  'no-answer': {
    scope: 'route',
    owner: 'network',
    summary: (seen) => `${silence(seen)}${seen.alive ? ', which is up and has that address' : ''}: ${suspects(seen)}.`,
    remedy: (seen) =>
      seen.alive
        ? `On ${from(seen)} and on ${to(seen)}: nft list ruleset, for what drops new connections or their answers; then ask the network team to ${permit(seen)}.`
        : `Check the address in the inventory, and that the host is up; then ask the network team to ${permit(seen)}.`,
  },
  'host-silent': {
    scope: 'destination',
    owner: 'host',
    summary: (seen) =>
      `${to(seen)} (${listNames(seen.addresses)}) answers nobody (tried from ${from(seen)}: ${listTexts(seen.reasons, 2)})${loginText(seen)}: the host is down, the address is wrong, or a firewall cuts it off from everybody.`,
    remedy: (seen) =>
      `Look whether ${to(seen)} is switched on and whether its address in the inventory is right, and run again. Only then is it a matter of firewalls.`,
  },
  'other-address-answers': {
    scope: 'route',
    owner: 'network',
    summary: (seen) =>
      `${to(seen)} answers ${from(seen)} by another address of its name, but not by ${listNames(seen.addresses)} (${listTexts(seen.reasons, 2)}): a firewall or a missing route is in the way of that one, or it should not be in the name.`,
    remedy: (seen) =>
      `On ${from(seen)}: ip route get ${seen.addresses[0] ?? ''}. Take the address out of the name, or ask the network team to ${permit(seen)}.`,
  },
  'destination-unreachable': {
    scope: 'route',
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
    scope: 'route',
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
    scope: 'route',
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

function answeringPorts({ sshPorts }: Circumstances): string {
  return sshPorts.length === 0 ? 'on other ports' : `on SSH port ${listTexts(sshPorts, 2)}`;
}

function silence(seen: Circumstances): string {
  const where = `${to(seen)} (${listNames(seen.addresses)})`;
  if (seen.mute) return `Nothing at all comes back to ${from(seen)} from ${where}`;
  return `Nothing comes back to ${from(seen)} from ${namePorts(seen.ports)} of ${where}`;
}

/** No more than was tried: of one silent port nobody knows whether others are silent too. */
function suspects(seen: Circumstances): string {
  if (seen.alive)
    return seen.mute
      ? `a firewall drops everything on the way there or back, that of ${from(seen)} among those that may`
      : 'something on the way there or back, or on one of the two hosts, drops it. Whether other ports answer is not known';
  return seen.mute
    ? 'a firewall drops everything, the address is wrong, or the host is down'
    : 'a firewall drops it, the address is wrong, or the host is down. Whether other ports answer is not known';
}

/** The host's name and address are said already. */
function loginText({ loginErrors }: Circumstances): string {
  if (loginErrors.length === 0) return '';
  const errors = loginErrors.map((error) =>
    error.replace(/^cannot log in to \S+(?: \([^)]*\))?: /, '').replace(/: .*$/s, ''),
  );
  return `, and it could not be logged in to (${listTexts([...new Set(errors)], 2)})`;
}

function answers(destinations: readonly string[]): string {
  return destinations.length === 1 ? 'answers' : 'answer';
}
