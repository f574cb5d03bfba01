import { type Cause, type Circumstances, from, permit, to } from './cause.js';
import { listNames, listTexts, namePorts, ssFilter } from './names.js';

/** ` (129 of 128)`; nothing where nothing more is known. */
const details = ({ details: known }: Circumstances) => (known.length === 0 ? '' : ` (${listTexts(known, 2)})`);
const named = ({ details: known }: Circumstances, otherwise: string) =>
  known.length === 0 ? otherwise : listTexts(known, 2);

/** What both ends, or several connects, have proven. */
export const provenCauses = {
  'accept-queue-full': {
    scope: 'destination',
    owner: 'service',
    summary: (seen) =>
      `${to(seen)} listens on ${namePorts(seen.ports)}, but connections wait there to be accepted, and no more fit into the queue${details(seen)}: the service hangs or is overloaded. No firewall is the cause.`,
    remedy: (seen) =>
      `On ${to(seen)}: ${ssFilter(seen.ports)} shows how many wait under Recv-Q, and how many may under Send-Q. Look at the log and the threads of the service, and restart it if it hangs.`,
  },
  'path-member': {
    scope: 'route',
    owner: 'network',
    summary: (seen) =>
      `Between ${from(seen)} and ${to(seen)} the source port decides whether a connection is lost, every time anew${details(seen)}: one member of a bundle on the way, a link or a router, loses what goes over it. It is no rule of a packet filter.`,
    remedy: (seen) =>
      `Give the network team a lost and a good connection${details(seen)}: the two go over different members of a link bundle (LACP) or of routes of equal cost (ECMP). The member of the lost one has to be mended or taken out.`,
  },
  'wrong-address': {
    scope: 'destination',
    owner: 'inventory',
    summary: (seen) =>
      `${listNames(seen.addresses)} does not lead ${from(seen)} to ${to(seen)}, but to ${named(seen, 'another host')}: the SSH host key that answers there is another one than that of the login.`,
    remedy: (seen) =>
      `Correct the address of ${to(seen)} in the inventory. If it is right, look for a host that has the same address (ip neigh on ${from(seen)}), or for an address translation on the way.`,
  },
  'answered-by-itself': {
    scope: 'source',
    owner: 'source',
    summary: (seen) =>
      `${from(seen)} answers itself at ${listNames(seen.addresses)}, which is to be the address of ${to(seen)}${details(seen)}: the packets never leave ${from(seen)}.`,
    remedy: (seen) =>
      `On ${from(seen)}: ip route get ${seen.addresses[0] ?? ''}, and ip route show table local. Remove the local route, or the address that ${from(seen)} should not have.`,
  },
  'no-route-back': {
    scope: 'destination',
    owner: 'host',
    summary: (seen) =>
      `${to(seen)} has no route back to ${from(seen)}${details(seen)}: whatever arrives from there, no answer can return.`,
    remedy: (seen) =>
      `On ${to(seen)}: ip route get, with the address of ${from(seen)}. Add the missing route, or remove what forbids it (ip rule; a blackhole, prohibit or unreachable route).`,
  },
  'bound-to-device': {
    scope: 'destination',
    owner: 'service',
    summary: (seen) =>
      `On ${to(seen)} the service on ${namePorts(seen.ports)} takes connections by ${named(seen, 'one device')} only, and those of ${from(seen)} arrive by another device: the kernel of ${to(seen)} refuses them.`,
    remedy: (seen) =>
      `Let the service on ${to(seen)} listen without a device (SO_BINDTODEVICE, BindToDevice= of systemd), or give the inventory the address of ${to(seen)} that belongs to ${named(seen, 'that device')}.`,
  },
  'ipv6-only': {
    scope: 'destination',
    owner: 'service',
    summary: (seen) =>
      `On ${to(seen)} the service on ${namePorts(seen.ports)} listens for IPv6 only${details(seen)}, and ${from(seen)} comes over IPv4: the kernel of ${to(seen)} refuses that.`,
    remedy: (seen) =>
      `Let the service on ${to(seen)} listen on ${listNames(seen.addresses)} or 0.0.0.0 too (its setting for IPv6 only, or net.ipv6.bindv6only), or give the inventory its IPv6 address.`,
  },
  'mapping-without-backend': {
    scope: 'destination',
    owner: 'service',
    summary: (seen) =>
      `On ${to(seen)} ${named(seen, 'a port mapping')} takes the connections to ${namePorts(seen.ports)} and passes them on, but nothing answers behind it: the container or backend does not run, or uses another port.`,
    remedy: (seen) =>
      `On ${to(seen)}: ${ssFilter(seen.ports)}, and docker ps -a, podman ps -a, or kubectl get endpoints -A. Start what belongs behind the mapping, or remove the mapping.`,
  },
  'reset-on-the-way': {
    scope: 'path',
    owner: 'network',
    summary: (seen) =>
      `${from(seen)} gets a reset for ${namePorts(seen.ports)} of ${to(seen)} that ${to(seen)} did not send: it comes from nearer than the answers of ${to(seen)}${details(seen)}. A firewall on the way sends it.`,
    remedy: (seen) =>
      `Ask the network team which device between ${from(seen)} and ${to(seen)} rejects with a TCP reset, and to ${permit(seen)}.`,
  },
} satisfies Readonly<Record<string, Cause>>;
