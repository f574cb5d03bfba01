import type { UntriedCause } from '../model/observation.js';
import { type Cause, type Circumstances, from, why } from './cause.js';
import { listNames, namePorts } from './names.js';

/** Why something could not be tried at all. */
export const untriedCauses = {
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
  'host-key-changed': {
    scope: 'source',
    owner: 'host',
    summary: (seen) =>
      `The SSH host key that was seen at the login to ${whose(seen)} is not the one that is known, so it may be another machine, or somebody in between: ${why(seen)}.`,
    remedy: (seen) =>
      `Ask whoever runs ${whose(seen)} whether it was reinstalled, and compare the fingerprint with what ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub prints there, at the machine itself. Only if they are the same, replace the old key in known_hosts.`,
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
  'no-listener': {
    scope: 'destination',
    owner: 'inventory',
    summary: (seen) =>
      `Nothing of ours could listen on ${namePorts(seen.ports)} of ${listNames(seen.destinations)}, which leaves the way there unproven: ${why(withoutConsequence(seen))}.`,
    remedy: (seen) =>
      `Let Portolan listen on ${listNames(seen.destinations)}: python3 or perl there, and below port 1024 root ("user": "root", or "sudo": true).`,
  },
  'rate-ban': {
    scope: 'route',
    owner: 'network',
    summary: (seen) =>
      `Answers to ${from(seen)} from ${listNames(seen.destinations)} stopped for good in the middle of the probes (${why(seen)}): a device on the way, or the host, has banned ${from(seen)} for the number of its connections.`,
    remedy: (seen) =>
      `Wait until the ban is over, and run again with a lower rate, --rate 20 for one; or ask whoever runs the firewall to except ${from(seen)} for the time of the check.`,
  },
  'not-asked': {
    scope: 'destination',
    owner: 'inventory',
    summary: (seen) =>
      `Who answers on ${namePorts(seen.ports)} of ${listNames(seen.destinations)} was not asked: ${why(seen)}.`,
    remedy: () =>
      'Flows name different services for one port: correct the "service" that is wrong, in the scenario or in the inventory.',
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
} satisfies Readonly<Record<Exclude<UntriedCause, 'port-in-use'>, Cause>> & Readonly<Record<string, Cause>>;

/** The login's own row has no source; the paths that it kept from being tried have one. */
function whose({ sources }: Circumstances): string {
  return listNames(sources);
}

/** A path's reason goes on to say what follows from a refusal; a port's does not. */
function withoutConsequence(seen: Circumstances): Circumstances {
  return { ...seen, reasons: seen.reasons.map((reason) => reason.replace(/; (?:a refusal|it connects)[^;]*$/, '')) };
}
