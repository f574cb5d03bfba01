import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Lab } from './lab.js';

const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

export interface Finished {
  readonly stdout: string;
  readonly stderr: string;
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly durationMs: number;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Lines of /etc/hosts, for this run alone: what the names of logins resolve to. */
  readonly names?: readonly string[];
  /** Called once it runs, to send it signals or break things under it. */
  readonly whileRunning?: (running: {
    readonly pid: number;
    readonly signal: (name: NodeJS.Signals) => void;
  }) => Promise<void>;
}

/** Runs the real program in the lab's folder, with an empty home: the person's own ssh settings play no part. */
export async function runPortolan(lab: Lab, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const command = [process.execPath, cli, ...args];
  const [file, ...rest] = options.names === undefined ? command : [...withNames(lab, options.names), ...command];
  const running = execa(file!, rest, {
    cwd: lab.folder,
    reject: false,
    stdin: 'ignore',
    timeout: 120_000,
    extendEnv: false,
    env: { PATH: process.env.PATH ?? '', HOME: lab.folder, NO_COLOR: '1', ...options.env },
  });
  await options.whileRunning?.({ pid: running.pid!, signal: (name) => running.kill(name) });
  const { stdout, stderr, exitCode, timedOut, durationMs } = await running;
  if (timedOut) throw new Error(`portolan ${args.join(' ')} took over two minutes; stderr: ${stderr}`);
  return { stdout, stderr, code: exitCode ?? null, durationMs };
}

/** What to put before a command, so that it runs with a hosts file of its own. */
function withNames(lab: Lab, names: readonly string[]): readonly string[] {
  const file = join(lab.folder, 'hosts');
  writeFileSync(file, ['127.0.0.1 localhost', ...names, ''].join('\n'));
  const script = `mount --bind ${file} /etc/hosts && exec "$0" "$@"`;
  return ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script];
}
