import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Started } from './listeners.js';

/** A folder for the run's own files, among them a private key. */
export interface Workspace extends Started {
  readonly folder: string;
}

// Removes the folder when our end of its input closes: also when we were killed, or told twice to stop.
const guardian = 'trap "" INT HUP TERM; read -r _; rm -rf -- "$1"';

export async function createWorkspace(): Promise<Workspace> {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-demo-'));
  const child = spawn('/bin/sh', ['-c', guardian, 'sh', folder], { stdio: ['pipe', 'ignore', 'ignore'] });
  const ended = once(child, 'exit');
  child.stdin.on('error', () => {});
  await once(child, 'spawn');
  return {
    folder,
    stop: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
