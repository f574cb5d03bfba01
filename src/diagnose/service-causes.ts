import { type Cause, from, to } from './cause.js';
import { listNames, listTexts, namePorts, ssFilter } from './names.js';

/** What lies with the service at the destination: its process, its address, its answer. */
export const serviceCauses = {
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
  'source-blocked': {
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
  'service-silent': {
    scope: 'destination',
    owner: 'service',
    summary: (seen) =>
      `${to(seen)} accepts on ${namePorts(seen.ports)} and then says nothing (${listTexts(seen.reasons, 2)}): the service hangs, a device on the way accepts in its place, or another service listens there.`,
    remedy: (seen) =>
      `On ${to(seen)}: ${ssFilter(seen.ports)} shows whose port it is and, under Recv-Q, whether connections wait there to be accepted; look at the service's log and threads.`,
  },
  'upstream-down': {
    scope: 'destination',
    owner: 'service',
    summary: (seen) =>
      `The path to ${namePorts(seen.ports)} of ${to(seen)} is fine: a gateway answers there, and says that the service behind it does not (${listTexts(seen.reasons, 2)}).`,
    remedy: (seen) =>
      `Look at the backends of the gateway on ${to(seen)}, and at its log; no firewall request is needed.`,
  },
  'bad-certificate': {
    scope: 'destination',
    owner: 'service',
    summary: (seen) =>
      `${to(seen)} speaks TLS on ${namePorts(seen.ports)}, but its certificate does not hold (${listTexts(seen.reasons, 2)}).`,
    remedy: (seen) =>
      `Renew the certificate of ${to(seen)}; or tell the inventory what is meant, under "services": "ca", "serverName", "fingerprint", or "verify": "warn".`,
  },
  'wrong-answer': {
    scope: 'destination',
    owner: 'service',
    summary: (seen) =>
      `The documented service answers on ${namePorts(seen.ports)} of ${to(seen)}, but not as it should (${listTexts(seen.reasons, 2)}).`,
    remedy: (seen) =>
      `Look at the service on ${to(seen)} and its log. Where the site differs from the document (another path, another name), say so under "services" in the inventory.`,
  },
} satisfies Readonly<Record<string, Cause>>;
