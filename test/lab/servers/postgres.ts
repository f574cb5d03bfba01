import { execa } from 'execa';
import { asUser, launch, type Server, type ServerOptions, type ServerTls, serverUnavailable } from './server.js';

export interface PostgresOptions extends ServerOptions {
  readonly tls?: ServerTls;
  /** Settings of postgresql.conf: `{ log_connections: 'on' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** How clients log in over TCP: a method of pg_hba.conf. */
  readonly authentication?: string;
}

// Debian keeps them out of the PATH, by version.
const programs = '/usr/lib/postgresql/15/bin';
const user = 'postgres';

export function postgresUnavailable(): string | undefined {
  return serverUnavailable(`${programs}/initdb`, `${programs}/postgres`);
}

/** A real PostgreSQL 15. */
export async function startPostgres(options: PostgresOptions = {}): Promise<Server> {
  const { tls, settings = {}, authentication = 'scram-sha-256' } = options;
  return launch(
    {
      name: 'postgres',
      user,
      ready: /ready to accept connections/,
      command: async ({ folder, address, port, write }) => {
        const data = `${folder}/data`;
        const locale = ['--encoding=UTF8', '--no-locale', '--no-sync', '--auth-local=trust'];
        const initdb = [`${programs}/initdb`, ...locale, `--auth-host=${authentication}`, `--pgdata=${data}`];
        await execa('setpriv', [...asUser(user), ...initdb], { cwd: folder });
        const all = {
          listen_addresses: address,
          unix_socket_directories: folder,
          fsync: 'off',
          shared_buffers: '1MB',
          max_connections: '20',
          autovacuum: 'off',
          ...(tls === undefined
            ? {}
            : {
                ssl: 'on',
                ssl_cert_file: write('certificate.pem', tls.certificate),
                ssl_key_file: write('key.pem', tls.key),
              }),
          ...(tls?.clientAuthority === undefined ? {} : { ssl_ca_file: write('authority.pem', tls.clientAuthority) }),
          ...settings,
        };
        const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
        return [`${programs}/postgres`, '-D', data, '-p', `${port}`, ...flags];
      },
    },
    options,
  );
}
