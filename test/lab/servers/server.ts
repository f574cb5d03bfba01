import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../sshd.js';

/** Where a server listens. */
export interface ServerOptions {
  /** Loopback, if left out. */
  readonly address?: string;
  /** A free one, if left out. */
  readonly port?: number;
  /** `nsenter` arguments of a machine's network: `host.machine.networkOnly`; the test process's own, if left out. */
  readonly network?: readonly string[];
}

/** A real server with a folder of its own. It dies with the test process. */
export interface Server {
  readonly address: string;
  readonly port: number;
  /** The server's first process, for signals. */
  readonly pid: number;
  /** What it has logged so far. */
  log(): string;
  /** Kills it and everything it started, and removes its folder. */
  stop(): Promise<void>;
}

/** PEM text. */
export interface ServerTls {
  readonly certificate: string;
  readonly key: string;
  /** Where set, clients must show a certificate of this authority. */
  readonly clientAuthority?: string;
}

/** What a server's command line and settings are made of. */
export interface Place {
  readonly folder: string;
  /** What the server's output goes to; it may write there itself, too. */
  readonly logFile: string;
  readonly address: string;
  readonly port: number;
  /** Writes a file of the server's, and returns its path. */
  write(name: string, text: string): string;
}

/** How one kind of server is started. */
export interface Launch {
  readonly name: string;
  /** Who it runs as, where it refuses root or should not need it. */
  readonly user?: string;
  /** What its log says when it is ready, where listening is not enough. */
  readonly ready?: RegExp;
  /** What runs in front of the command, in the server's namespaces: `['sh', '-c', 'mount … && exec "$0" "$@"']`. */
  readonly inside?: readonly string[];
  /** Writes its settings and says what to run. */
  readonly command: (place: Place) => readonly string[] | Promise<readonly string[]>;
}

/** Why these servers cannot be started here; undefined where they can. */
export function serverUnavailable(...programs: readonly string[]): string | undefined {
  if (process.env.PORTOLAN_TEST_NAMESPACE !== '1') return 'not in a namespace of its own (needs root and unshare)';
  const missing = programs.filter((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0);
  return missing.length === 0 ? undefined : `not installed: ${missing.join(', ')}`;
}

/** Starts a server and waits until it listens. */
export async function launch({ name, user, ready, inside = [], command }: Launch, options: ServerOptions) {
  const { address = '127.0.0.1', network = [] } = options;
  const port = options.port ?? (await freePort());
  const owner = user === undefined ? { uid: 0, gid: 0 } : account(user);
  const folder = mkdtempSync(join(tmpdir(), `portolan-${name}-`));
  chownSync(folder, owner.uid, owner.gid);
  // Servers drop their privileges on the way to their files.
  chmodSync(folder, 0o755);
  const write = (file: string, text: string) => {
    const path = join(folder, file);
    writeFileSync(path, text, { mode: 0o600 });
    chownSync(path, owner.uid, owner.gid);
    return path;
  };
  const logFile = write('log', '');
  const words = await command({ folder, logFile, address, port, write });
  // A change of the user takes back the kernel's promise to kill; so it is asked for once more.
  const as = user === undefined ? [] : ['setpriv', ...mortal, ...asUser(user)];
  const output = openSync(logFile, 'a');
  const child = spawn('setpriv', [...mortal, 'nsenter', ...network, ...ownProcesses, ...inside, ...as, ...words], {
    stdio: ['ignore', output, output],
    cwd: folder,
  });
  closeSync(output);
  const log = () => readFileSync(logFile, 'utf8');
  const stop = async () => {
    await kill(child);
    rmSync(folder, { recursive: true, force: true });
  };
  for (let waited = 0; ; waited += 20) {
    const first = firstChild(child.pid);
    if (first !== undefined && listens(first, port) && (ready === undefined || ready.test(log())))
      return { address, port, pid: first, log, stop, folder };
    if (child.exitCode !== null || child.signalCode !== null || waited > startMs) {
      const said = log();
      await stop();
      throw new Error(`${name} did not start on ${address}:${port}: ${said}`);
    }
    await sleep(20);
  }
}

// However loaded the machine is.
const startMs = 30_000;

/** `setpriv` arguments. */
export function asUser(user: string): readonly string[] {
  return [`--reuid=${user}`, `--regid=${account(user).gid}`, '--clear-groups'];
}

// Killed when the test process dies, and in a PID namespace, so that all that a server forks dies with its first process.
const mortal = ['--pdeathsig', 'KILL'];
const ownProcesses = ['unshare', '--mount', '--pid', '--fork', '--kill-child=KILL'];

/** The user that Debian's package made. */
function account(user: string): { readonly uid: number; readonly gid: number } {
  const entry = new RegExp(`^${user}:[^:]*:(\\d+):(\\d+):`, 'm').exec(readFileSync('/etc/passwd', 'utf8'));
  if (entry === null) throw new Error(`there is no user ${user}`);
  return { uid: Number(entry[1]), gid: Number(entry[2]) };
}

/** The first process in unshare's PID namespace. */
function firstChild(pid: number | undefined): number | undefined {
  if (pid === undefined) return undefined;
  try {
    const [first] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
    return first === '' ? undefined : Number(first);
  } catch {
    return undefined;
  }
}

/** Whether somebody listens on a port in a process's network: read, not tried, for the servers' logs are part of tests. */
function listens(pid: number, port: number): boolean {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return ['tcp', 'tcp6'].some((table) => {
    try {
      const rows = readFileSync(`/proc/${pid}/net/${table}`, 'utf8').split('\n').slice(1);
      return rows.map((row) => row.trim().split(/\s+/)).some((row) => row[1]?.endsWith(local) && row[3] === '0A');
    } catch {
      return false;
    }
  });
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  // unshare ends after the namespace's first process, and that one after all others.
  process.kill(firstChild(child.pid) ?? child.pid!, 'SIGKILL');
  await ended;
}
