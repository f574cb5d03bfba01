import type { PortHolder } from './listening.js';
import type { NamedService } from './plan.js';
import { hasPort, intersectPorts, noPorts, type PortSet, singlePort, unionPorts } from './port-set.js';
import type { ServiceName } from './service.js';

// What a service's server is called by the kernel, which cuts names to 15 characters, where a bare look has to tell whether
// the documented service runs already. It decides only whether it is asked: what it says then decides the check. A container's port is held by its mapper.
const mappers = /^(?:docker-proxy|rootlessport|rootlesskit|containerd-shim|conmon|slirp4netns|pasta|haproxy|envoy)/;
const web =
  /^(?:nginx|httpd|apache2?|java|node|caddy|traefik|openresty|tengine|python3?|ruby|php-fpm|gunicorn|minio|registry|gpfdist|ocp|obproxy|ops-agent|grafana|prometheus)/;

const servers: Readonly<Record<ServiceName, RegExp>> = {
  http: web,
  https: web,
  gpfdist: /^gpfdist/,
  grpc: /^(?:java|node|grpc|envoy|nacos|oap)/,
  mysql: /^(?:mysqld|mariadbd|observer|obproxy)/,
  postgres: /^post(?:gres|master)/,
  redis: /^(?:redis-server|valkey-server|keydb)/,
  kafka: /^java/,
  ldap: /^(?:slapd|ns-slapd|ldap)/,
  ldaps: /^(?:slapd|ns-slapd|ldap)/,
  ftp: /^(?:vsftpd|proftpd|pure-ftpd)/,
  ftps: /^(?:vsftpd|proftpd|pure-ftpd)/,
  ssh: /^(?:sshd|dropbear)/,
  oracle: /^tnslsnr/,
  tds: /^sqlservr/,
  db2: /^db2/,
  exasol: /^(?:exasql|exa|ConnectionServe|cored)/i,
  tls: web,
};

/** Whether a listener may well be the documented service; never where nobody may see whose it is. */
function isPlausible({ process }: PortHolder, service: ServiceName): boolean {
  if (process === undefined) return false;
  return mappers.test(process) || (servers[service]?.test(process) ?? false);
}

/** Of ports that somebody listens on, those whose every listener may well be the service that is named for them. */
export function runningAt(services: readonly NamedService[], holders: readonly PortHolder[], taken: PortSet): PortSet {
  if (taken.length === 0) return noPorts;
  return unionPorts(
    ...services.map(({ ports, service }) => ofService(holders, intersectPorts(ports, taken), service.name)),
  );
}

function ofService(holders: readonly PortHolder[], ports: PortSet, service: ServiceName): PortSet {
  const listeners = holders.filter(({ kind, port }) => kind === 'listener' && hasPort(ports, port));
  const strangers = new Set(listeners.filter((each) => !isPlausible(each, service)).map(({ port }) => port));
  const ours = listeners.map(({ port }) => port).filter((port) => !strangers.has(port));
  return ours.length === 0 ? noPorts : unionPorts(...ours.map(singlePort));
}
