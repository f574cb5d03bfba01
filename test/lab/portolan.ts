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
  /** Called once it runs, to send it signals or break things under it. */
  readonly whileRunning?: (running: { readonly signal: (name: NodeJS.Signals) => void }) => Promise<void>;
}

/** Runs the real program in the lab's folder, with an empty home: the person's own ssh settings play no part. */
export async function runPortolan(lab: Lab, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const began = performance.now();
  const running = execa(process.execPath, [cli, ...args], {
    cwd: lab.folder,
    reject: false,
    stdin: 'ignore',
    timeout: 120_000,
    extendEnv: false,
    env: { PATH: process.env.PATH ?? '', HOME: lab.folder, NO_COLOR: '1', ...options.env },
  });
  await options.whileRunning?.({ signal: (name) => running.kill(name) });
  const { stdout, stderr, exitCode, timedOut } = await running;
  if (timedOut) throw new Error(`portolan ${args.join(' ')} took over two minutes; stderr: ${stderr}`);
  return { stdout, stderr, code: exitCode ?? null, durationMs: performance.now() - began };
}
