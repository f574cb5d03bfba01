import { execa } from 'execa';
import { derbyUnavailable, startDerby } from '../../lab/derby.js';
import { dockerRegistryUnavailable, startDockerRegistry } from '../../lab/servers/docker-registry.js';
import { startGrpc } from '../../lab/servers/grpc.js';
import { mariadbUnavailable, startMariadb } from '../../lab/servers/mariadb.js';
import { nginxUnavailable, startNginx } from '../../lab/servers/nginx.js';
import { postgresUnavailable, startPostgres } from '../../lab/servers/postgres.js';
import { redisUnavailable, startRedis } from '../../lab/servers/redis.js';
import { type ServerTls, serverUnavailable } from '../../lab/servers/server.js';
import { slapdUnavailable, startSlapd } from '../../lab/servers/slapd.js';
import { startVsftpd, vsftpdUnavailable } from '../../lab/servers/vsftpd.js';
import { missingSshd, startSshd } from '../../lab/sshd.js';

/** Where a server of the matrix is. */
export interface Standing {
  readonly address: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** A real server, and who it is for whom. */
export interface MatrixServer {
  readonly name: string;
  readonly unavailable: string | undefined;
  readonly start: (tls: ServerTls) => Promise<Standing>;
  /** The dialogues that identify it; for all others it is somebody else. */
  readonly is: readonly string[];
  /** How those others tell who it is, where they can hear it. */
  readonly told: RegExp;
  /** It needs no question to say who it is: everybody has to hear it. */
  readonly speaksFirst?: true;
}

/** Who takes any TLS for what it is. */
const overTls = ['tls', 'exasol', 'tcp tls'];
const toldAsTls = /a TLS server|answers with TLS|over TLS|speaks TLS/;

// Redis holds only those to its protected mode who do not come from loopback.
const elsewhere = '10.99.7.1';

export const servers: readonly MatrixServer[] = [
  {
    name: 'MariaDB',
    unavailable: mariadbUnavailable(),
    start: async () => {
      // Strangers break its handshake more often than it puts up with from a host that it knows by name.
      const mariadb = await startMariadb({ options: ['--skip-name-resolve'] });
      // Without an account for the source it would refuse instead of greeting.
      await mariadb.sql("CREATE USER 'app'@'%'");
      return mariadb;
    },
    is: ['mysql'],
    told: /MariaDB/,
    speaksFirst: true,
  },
  {
    name: 'Apache Derby',
    unavailable: derbyUnavailable(),
    start: () => startDerby(15271),
    is: ['db2'],
    told: /a DRDA server/,
  },
  {
    name: 'PostgreSQL',
    unavailable: postgresUnavailable(),
    start: () => startPostgres(),
    is: ['postgres'],
    told: /PostgreSQL/,
  },
  {
    name: 'PostgreSQL with TLS',
    unavailable: postgresUnavailable(),
    start: (tls) => startPostgres({ tls }),
    is: ['postgres', 'postgres tls'],
    told: /PostgreSQL/,
  },
  {
    name: 'Redis',
    unavailable: redisUnavailable(),
    start: () => startRedis(),
    is: ['redis'],
    told: /Redis/,
  },
  {
    name: 'Redis with a password',
    unavailable: redisUnavailable(),
    start: () => startRedis({ password: 'secret' }),
    is: ['redis'],
    told: /Redis/,
  },
  {
    name: 'Redis in protected mode',
    unavailable: redisUnavailable(),
    start: async () => {
      await execa('ip', ['address', 'replace', `${elsewhere}/32`, 'dev', 'lo']);
      return startRedis({ address: elsewhere });
    },
    is: ['redis'],
    told: /Redis/,
    speaksFirst: true,
  },
  {
    name: 'Redis with TLS',
    unavailable: redisUnavailable(),
    start: (tls) => startRedis({ tls }),
    is: ['redis tls', ...overTls],
    told: toldAsTls,
  },
  {
    name: 'nginx',
    unavailable: nginxUnavailable(),
    start: () => startNginx(),
    is: ['http'],
    told: /HTTP/,
  },
  {
    name: 'nginx with TLS',
    unavailable: nginxUnavailable(),
    start: (tls) => startNginx({ tls }),
    is: ['https', ...overTls],
    // It answers plain text in plain text: "The plain HTTP request was sent to HTTPS port".
    told: /HTTP|TLS/,
  },
  {
    name: 'nginx that wants a client certificate',
    unavailable: nginxUnavailable(),
    start: (tls) => startNginx({ tls: { ...tls, clientAuthority: tls.certificate } }),
    is: overTls,
    told: /HTTP|TLS|certificate/,
  },
  {
    name: 'vsftpd',
    unavailable: vsftpdUnavailable(),
    start: () => startVsftpd(),
    is: ['ftp'],
    told: /FTP/,
    speaksFirst: true,
  },
  {
    name: 'vsftpd with TLS on demand',
    unavailable: vsftpdUnavailable(),
    start: (tls) => startVsftpd({ tls }),
    is: ['ftp', 'ftp starttls'],
    told: /FTP/,
    speaksFirst: true,
  },
  {
    name: 'vsftpd with TLS from the first byte',
    unavailable: vsftpdUnavailable(),
    start: (tls) => startVsftpd({ tls: { ...tls, implicit: true } }),
    is: ['ftps', ...overTls],
    told: /TLS|FTP/,
  },
  {
    name: 'slapd',
    unavailable: slapdUnavailable(),
    start: () => startSlapd(),
    is: ['ldap'],
    told: /LDAP/,
  },
  {
    name: 'slapd with TLS on demand',
    unavailable: slapdUnavailable(),
    start: (tls) => startSlapd({ tls }),
    is: ['ldap', 'ldap starttls'],
    told: /LDAP/,
  },
  {
    name: 'slapd with TLS from the first byte',
    unavailable: slapdUnavailable(),
    start: (tls) => startSlapd({ tls: { ...tls, implicit: true } }),
    is: ['ldaps', ...overTls],
    told: toldAsTls,
  },
  {
    name: 'OpenSSH',
    unavailable: missingSshd(),
    start: () => startSshd({ config: ['MaxStartups 1000'] }),
    is: ['ssh'],
    told: /SSH/,
    speaksFirst: true,
  },
  {
    name: 'docker-registry',
    unavailable: dockerRegistryUnavailable(),
    start: () => startDockerRegistry(),
    is: ['http'],
    told: /HTTP/,
  },
  {
    name: 'docker-registry with TLS',
    unavailable: dockerRegistryUnavailable(),
    start: (tls) => startDockerRegistry({ tls }),
    is: ['https', ...overTls],
    told: /HTTP|TLS/,
  },
  {
    name: 'an HTTP/2 server',
    unavailable: serverUnavailable(),
    start: () => startGrpc({ health: { '': 'SERVING' } }),
    is: ['grpc'],
    told: /HTTP\/2/,
    speaksFirst: true,
  },
  {
    name: 'an HTTP/2 server with TLS',
    unavailable: serverUnavailable(),
    start: (tls) => startGrpc({ tls, health: { '': 'SERVING' } }),
    is: ['grpc tls', ...overTls],
    told: toldAsTls,
  },
];
