import { startDockerRegistry } from '../lab/servers/docker-registry.js';
import { startNginx } from '../lab/servers/nginx.js';
import { startPostgres } from '../lab/servers/postgres.js';
import { startRedis } from '../lab/servers/redis.js';
import type { Server, ServerOptions, ServerTls } from '../lab/servers/server.js';
import { startSlapd } from '../lab/servers/slapd.js';
import { startVsftpd } from '../lab/servers/vsftpd.js';
import { startSshd } from '../lab/sshd.js';

/** A server whose log docs/protocols.md lists, logging as it does by default, or as the page says. */
export interface LoggedServer {
  /** The page's name for it. */
  readonly name: string;
  /** The service that the flow to it names. */
  readonly service: string | Readonly<Record<string, unknown>>;
  readonly start: (where: ServerOptions, tls: ServerTls) => Promise<Pick<Server, 'port' | 'log' | 'stop'>>;
}

const unverified = { verify: 'no' };

export const loggedServers: readonly LoggedServer[] = [
  {
    name: 'postgres',
    service: 'postgres',
    start: (where, tls) => startPostgres({ ...where, tls, settings: { log_connections: 'on' } }),
  },
  { name: 'redis', service: 'redis', start: (where) => startRedis({ ...where, protectedMode: false }) },
  { name: 'nginx', service: 'http', start: (where) => startNginx(where) },
  { name: 'nginx-https', service: { https: unverified }, start: (where, tls) => startNginx({ ...where, tls }) },
  { name: 'nginx-tls', service: { tls: unverified }, start: (where, tls) => startNginx({ ...where, tls }) },
  { name: 'docker-registry', service: { http: { path: '/v2/' } }, start: (where) => startDockerRegistry(where) },
  { name: 'vsftpd', service: 'ftp', start: (where) => startVsftpd(where) },
  {
    name: 'vsftpd-ftps',
    service: { ftps: unverified },
    start: (where, tls) => startVsftpd({ ...where, tls: { ...tls, implicit: true } }),
  },
  { name: 'slapd', service: 'ldap', start: (where) => startSlapd(where) },
  {
    name: 'slapd-ldaps',
    service: { ldaps: unverified },
    start: (where, tls) => startSlapd({ ...where, tls: { ...tls, implicit: true } }),
  },
  {
    name: 'sshd',
    service: 'ssh',
    start: ({ address = '', network = [] }) =>
      startSshd({ address, port: 2222, prefix: ['nsenter', ...network], config: ['LogLevel INFO'] }),
  },
];

export const neededPrograms = [
  'redis-server',
  'nginx',
  'docker-registry',
  'vsftpd',
  'slapd',
  'mariadbd',
  'mariadb-install-db',
  'mariadb',
];
