import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export type HostKeyType = 'ed25519' | 'ecdsa' | 'rsa';

export interface SshdOptions {
  /** Loopback, unless it runs in a namespace of its own. */
  readonly address?: string;
  /** A free one, if left out. */
  readonly port?: number;
  /** Lines of sshd_config; they win over the fixture's own. */
  readonly config?: readonly string[];
  readonly hostKeys?: readonly HostKeyType[];
  /** Put before sshd's command line: `['ip', 'netns', 'exec', 'db1']`. */
  readonly prefix?: readonly string[];
}

/** A real sshd with keys of its own, and what a client needs to log in to it. */
export interface Sshd {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** Everything of this sshd: removed when it stops. */
  readonly directory: string;
  /** A private key that may log in. */
  readonly identityFile: string;
  readonly authorizedKeysFile: string;
  readonly knownHostsFile: string;
  /** `TYPE BASE64` by type of key. */
  readonly publicKeys: ReadonlyMap<HostKeyType, string>;
  readonly pid: number;
  /** What sshd has logged so far, at LogLevel VERBOSE. */
  log(): string;
  /** Sends a signal to every session, and leaves the listener alone. */
  signalSessions(signal: NodeJS.Signals): void;
  /** Ends sshd and every session under it, by force. */
  stop(): Promise<void>;
}

const program = '/usr/sbin/sshd';

/** Why no sshd can be started here; undefined where it can. */
export function missingSshd(): string | undefined {
  if (process.platform !== 'linux') return 'the sshd fixture needs Linux';
  if (!existsSync(program)) return `${program} is not installed`;
  const { username, shell } = userInfo();
  return /(?:nologin|false)$/.test(shell ?? '') ? `${username} has no login shell` : undefined;
}

/** Makes a key pair with ssh-keygen. */
export function makeKey(file: string, type: HostKeyType = 'ed25519', passphrase = '', comment = 'test'): string {
  const bits = type === 'rsa' ? ['-b', '2048'] : [];
  const made = spawnSync('ssh-keygen', ['-q', '-t', type, ...bits, '-N', passphrase, '-C', comment, '-f', file]);
  if (made.status !== 0) throw new Error(`ssh-keygen: ${made.stderr}`);
  return readFileSync(`${file}.pub`, 'utf8').split(' ').slice(0, 2).join(' ').trim();
}

/** Starts a real sshd and waits until it listens. */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const directory = mkdtempSync(join(tmpdir(), 'portolan-sshd-'));
  const address = options.address ?? '127.0.0.1';
  const port = options.port ?? (await freePort(address));
  const types = options.hostKeys ?? ['ed25519'];
  const publicKeys = new Map(types.map((type) => [type, makeKey(join(directory, `host_${type}`), type)]));
  const identityFile = join(directory, 'id_ed25519');
  const authorizedKeysFile = join(directory, 'authorized_keys');
  writeFileSync(authorizedKeysFile, `${makeKey(identityFile)}\n`, { mode: 0o600 });
  const knownHostsFile = join(directory, 'known_hosts');
  const name = port === 22 ? address : `[${address}]:${port}`;
  writeFileSync(knownHostsFile, [...publicKeys.values()].map((key) => `${name} ${key}\n`).join(''), { mode: 0o600 });
  const configFile = join(directory, 'sshd_config');
  const lines = [
    ...(options.config ?? []),
    `ListenAddress ${address}:${port}`,
    ...types.map((type) => `HostKey ${join(directory, `host_${type}`)}`),
    `AuthorizedKeysFile ${authorizedKeysFile}`,
    `PidFile ${join(directory, 'sshd.pid')}`,
    'UsePAM no',
    'StrictModes no',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'LogLevel VERBOSE',
  ];
  writeFileSync(configFile, `${lines.join('\n')}\n`);
  if (process.getuid?.() === 0) {
    chmodSync(directory, 0o755);
    mkdirSync('/run/sshd', { recursive: true });
  }
  const [command, ...args] = [...(options.prefix ?? []), program, '-D', '-e', '-f', configFile];
  const child = spawn(command!, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const sshd: Sshd = {
    address,
    port,
    user: userInfo().username,
    directory,
    identityFile,
    authorizedKeysFile,
    knownHostsFile,
    publicKeys,
    pid: child.pid!,
    log: () => log,
    signalSessions: (signal) => signalAll(descendants(child.pid!), signal),
    stop: () => stop(child, directory),
  };
  for (let waited = 0; !log.includes('Server listening on'); waited += 10) {
    if (child.exitCode !== null || waited > 10_000) {
      await sshd.stop();
      throw new Error(`sshd did not start: ${log}`);
    }
    await sleep(10);
  }
  return sshd;
}

/** Processes under one process, the deepest last. */
function descendants(pid: number): readonly number[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      parents.set(Number(entry), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It has ended meanwhile.
    }
  }
  const found = [pid];
  for (const one of found) for (const [child, parent] of parents) if (parent === one) found.push(child);
  return found.slice(1);
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended meanwhile.
    }
  }
}

async function stop(child: ChildProcess, directory: string): Promise<void> {
  const under = descendants(child.pid!);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  signalAll(under, 'SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await ended;
  rmSync(directory, { recursive: true, force: true });
}

// Below what Linux gives to connections (net.ipv4.ip_local_port_range): a port of those may be somebody's source port by
// the time that the server takes it.
const firstPort = 22_000;
const lastPort = 31_999;

/** A port that nobody listens on at the moment, and nobody is given by the kernel. */
export async function freePort(address = '127.0.0.1'): Promise<number> {
  for (;;) {
    const port = randomInt(firstPort, lastPort + 1);
    if (await isFree(port, address)) return port;
  }
}

function isFree(port: number, address: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    );
    server.listen(port, address, () => server.close(() => resolve(true)));
  });
}
