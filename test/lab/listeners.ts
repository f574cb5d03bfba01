import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Machine } from './machine.js';

/** Ports by address, `{ '0.0.0.0': '8563,20000-21000' }`. */
export type ListenSpec = Readonly<Record<string, string>>;

export interface Listeners {
  /** The kernel goes on accepting, up to the backlog; nobody greets or closes any more. */
  freeze(): void;
  close(): Promise<void>;
}

/**
 * Listens on ports in a machine's network; every connection is accepted, greeted and closed. The process is none of the
 * machine's own: what is left over there is Portolan's.
 */
export async function listen(machine: Machine, spec: ListenSpec, greeting = ''): Promise<Listeners> {
  return start(machine, './listener-process.js', [greeting, ...Object.entries(spec).flat()]);
}

/** Serves names below .example as DNS does: each is `answer`, said after a delay. */
export async function serveNames(
  machine: Machine,
  names: { readonly address: string; readonly answer: string; readonly delayMs: number },
): Promise<Listeners> {
  return start(machine, './name-server-process.js', [names.address, names.answer, `${names.delayMs}`]);
}

async function start(machine: Machine, file: string, args: readonly string[]): Promise<Listeners> {
  const program = [process.execPath, fileURLToPath(new URL(file, import.meta.url)), ...args];
  const child = execa('nsenter', [...machine.networkOnly, ...program], { stdin: 'pipe', reject: false });
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    void child.then(({ stderr }) => reject(new Error(`listeners on ${machine.name} did not start: ${stderr}`)));
  });
  return {
    freeze: () => void child.kill('SIGSTOP'),
    close: async () => {
      child.kill('SIGKILL');
      await child;
    },
  };
}
