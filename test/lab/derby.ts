import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const classPath = ['derbynet', 'derby'].map((jar) => `/usr/share/java/${jar}.jar`);

const address = '127.0.0.1';

/** A real Apache Derby network server on loopback: the one DRDA server that can be had freely. */
export interface Derby {
  readonly address: string;
  readonly port: number;
  /** What it has written to its console since it said that it was ready. */
  log(): string;
  stop(): Promise<void>;
}

/** Why no Derby can be started here; undefined where it can. */
export function derbyUnavailable(): string | undefined {
  if (spawnSync('sh', ['-c', 'command -v java']).status !== 0) return 'no java installed';
  const missing = classPath.find((jar) => !existsSync(jar));
  return missing === undefined ? undefined : `no ${missing} (Debian's libderby-java)`;
}

export async function startDerby(port: number): Promise<Derby> {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-derby-'));
  const server = spawn(
    'java',
    [
      '-Xmx64m',
      '-cp',
      classPath.join(':'),
      `-Dderby.system.home=${folder}`,
      'org.apache.derby.drda.NetworkServerControl',
      'start',
      '-h',
      address,
      '-p',
      String(port),
      '-noSecurityManager',
    ],
    { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await ready(server);
  return {
    address,
    port,
    log: () => readFileSync(join(folder, 'derby.log'), 'utf8').replace(/^.*ready to accept connections.*\n/gm, ''),
    async stop() {
      const gone = once(server, 'exit');
      server.kill();
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function ready(server: ChildProcess): Promise<void> {
  let console = '';
  for await (const chunk of server.stdout!) {
    console += chunk;
    if (console.includes('ready to accept connections')) break;
  }
  if (server.exitCode !== null) throw new Error(`Derby did not start: ${console}`);
}
