import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';

export interface MariadbOptions {
  readonly port: number;
  /** The server's /etc/hosts: with it, it resolves the names of its clients, and only then keeps its host cache. */
  readonly hosts: Readonly<Record<string, string>>;
  readonly options?: readonly string[];
  /** Where it runs: `nsenter` arguments of a machine's network; by default the test process's own. */
  readonly network?: readonly string[];
}

/** A real MariaDB on 0.0.0.0 with a data directory of its own. */
export interface Mariadb {
  readonly port: number;
  readonly pid: number;
  /** Runs SQL as root over the socket; rows as tab-separated text. */
  sql(statement: string): Promise<string>;
  /** Logs in over TCP with the real client. */
  login(user: string, address: string): Promise<{ readonly exitCode: number | undefined; readonly output: string }>;
  stop(): Promise<void>;
}

const user = 'mysql';

/** Why no MariaDB can be started here; undefined where it can. */
export function mariadbUnavailable(): string | undefined {
  if (process.env.PORTOLAN_TEST_NAMESPACE !== '1') return 'not in a namespace of its own (needs root and unshare)';
  for (const program of ['mariadbd', 'mariadb-install-db', 'mariadb']) {
    if (spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0) return `no ${program} installed`;
  }
  return undefined;
}

export async function startMariadb({ port, hosts, options = [], network = [] }: MariadbOptions): Promise<Mariadb> {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-mariadb-'));
  const socket = join(folder, 'socket');
  const { uid, gid } = account();
  chownSync(folder, uid, gid);
  const data = join(folder, 'data');
  mkdirSync(data);
  chownSync(data, uid, gid);
  const hostsFile = join(folder, 'hosts');
  writeFileSync(
    hostsFile,
    Object.entries(hosts)
      .map(([address, name]) => `${address} ${name}\n`)
      .join(''),
  );
  await execa('mariadb-install-db', [
    '--no-defaults',
    `--user=${user}`,
    `--datadir=${data}`,
    '--auth-root-authentication-method=socket',
    '--skip-test-db',
  ]);
  const server = spawn(
    'nsenter',
    [
      ...network,
      'unshare',
      '--mount',
      'sh',
      '-c',
      'mount --bind "$1" /etc/hosts && shift && exec mariadbd "$@"',
      'sh',
      hostsFile,
      '--no-defaults',
      `--user=${user}`,
      `--datadir=${data}`,
      `--socket=${socket}`,
      `--pid-file=${join(folder, 'pid')}`,
      `--port=${port}`,
      '--bind-address=0.0.0.0',
      '--performance-schema=ON',
      '--innodb-buffer-pool-size=16M',
      ...options,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  server.stderr!.on('data', (chunk) => {
    log += chunk;
  });
  const sql = async (statement: string) =>
    (await execa('mariadb', ['--no-defaults', '-S', socket, '-u', 'root', '-N', '-B', '-e', statement])).stdout;
  const stop = async () => {
    await end(server);
    rmSync(folder, { recursive: true, force: true });
  };
  for (let attempt = 0; ; attempt++) {
    const ready = await sql('SELECT 1').then(
      () => true,
      () => false,
    );
    if (ready) break;
    if (attempt === 100 || server.exitCode !== null) {
      await stop();
      throw new Error(`mariadbd did not start:\n${log}`);
    }
    await sleep(100);
  }
  return {
    port,
    pid: server.pid!,
    sql,
    login: async (name, address) => {
      const client = ['--no-defaults', '-h', address, '-P', `${port}`, '--protocol=tcp'];
      const { exitCode, all } = await execa('mariadb', [...client, '-u', name, '-N', '-e', 'SELECT CURRENT_USER()'], {
        reject: false,
        all: true,
      });
      return { exitCode, output: all };
    },
    stop,
  };
}

function account(): { uid: number; gid: number } {
  const [uid, gid] = ['-u', '-g'].map((flag) => Number(spawnSync('id', [flag, user], { encoding: 'utf8' }).stdout));
  return { uid: uid!, gid: gid! };
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGCONT');
  server.kill('SIGTERM');
  const killer = setTimeout(() => server.kill('SIGKILL'), 15_000);
  await ended;
  clearTimeout(killer);
}
