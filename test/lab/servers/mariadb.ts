import { execa } from 'execa';
import { launch, type Server, type ServerOptions, serverUnavailable } from './server.js';

export interface MariadbOptions extends ServerOptions {
  /** The server's /etc/hosts: with it, it resolves the names of its clients, and only then keeps its host cache. */
  readonly hosts?: Readonly<Record<string, string>>;
  readonly options?: readonly string[];
}

/** A real MariaDB with a data directory of its own, on 0.0.0.0 unless told otherwise. */
export interface Mariadb extends Server {
  /** Runs SQL as root over the socket; rows as tab-separated text. */
  sql(statement: string): Promise<string>;
  /** Logs in over TCP with the real client. */
  login(user: string, address: string): Promise<{ readonly exitCode: number | undefined; readonly output: string }>;
}

const user = 'mysql';

/** Why no MariaDB can be started here; undefined where it can. */
export function mariadbUnavailable(): string | undefined {
  return serverUnavailable('mariadbd', 'mariadb-install-db', 'mariadb');
}

export async function startMariadb({ hosts = {}, options = [], ...where }: MariadbOptions): Promise<Mariadb> {
  const server = await launch(
    {
      name: 'mariadb',
      user,
      ready: /ready for connections/,
      inside: ['sh', '-c', 'mount --bind hosts /etc/hosts && exec "$0" "$@"'],
      command: async ({ folder, address, port, write }) => {
        const names = Object.entries(hosts).map(([host, name]) => `${host} ${name}\n`);
        write('hosts', names.join(''));
        const data = `${folder}/data`;
        // Each removes what it takes for left over in its temporary folder: in a shared one, another's tables.
        const temporary = `--tmpdir=${folder}`;
        const rootless = ['--auth-root-authentication-method=socket', '--skip-test-db', temporary];
        await execa('mariadb-install-db', ['--no-defaults', `--user=${user}`, `--datadir=${data}`, ...rootless]);
        return [
          'mariadbd',
          '--no-defaults',
          `--datadir=${data}`,
          temporary,
          `--socket=${folder}/socket`,
          `--pid-file=${folder}/pid`,
          `--bind-address=${address}`,
          `--port=${port}`,
          '--performance-schema=ON',
          '--innodb-buffer-pool-size=16M',
          ...options,
        ];
      },
    },
    { address: '0.0.0.0', ...where },
  );
  const { folder, port } = server;
  // The socket is the mysql user's, and root of the database is root of the machine.
  const root = ['--no-defaults', '-S', `${folder}/socket`, '-u', 'root'];
  return {
    ...server,
    sql: async (statement) => (await execa('mariadb', [...root, '-N', '-B', '-e', statement])).stdout,
    login: async (name, address) => {
      const client = ['--no-defaults', '-h', address, '-P', `${port}`, '--protocol=tcp'];
      const { exitCode, all } = await execa('mariadb', [...client, '-u', name, '-N', '-e', 'SELECT CURRENT_USER()'], {
        reject: false,
        all: true,
      });
      return { exitCode, output: all };
    },
  };
}
