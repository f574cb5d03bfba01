import { spawn } from 'node:child_process';
import type { RemoteProcess } from '../model/vantage.js';

/** How long a process may take to end once its stdin is closed, in milliseconds. */
const farewell = 1000;

/** A process on this machine. */
export interface Child extends RemoteProcess {
  /** Ends it, by force where it takes no notice. Never rejects. */
  end(): Promise<void>;
}

/** Starts a program, without a shell. Rejects with the error of the operating system. */
export function startChild(file: string, args: readonly string[]): Promise<Child> {
  return new Promise((resolve, reject) => {
    // A process group of its own: Ctrl-C at the terminal must not reach it before the report has what it knows.
    const child = spawn(file, args, { stdio: 'pipe', detached: true });
    child.once('error', reject);
    child.once('spawn', () => {
      const signalGroup = (name: NodeJS.Signals) => {
        try {
          process.kill(-child.pid!, name);
        } catch {
          // It has ended already.
        }
      };
      const exited = new Promise<{ code: number | null; signal: string | null }>((done) => {
        child.once('exit', (code, signal) => done({ code, signal }));
      });
      child.stdin.on('error', () => {});
      const kill = () => {
        child.stdin.destroy();
        signalGroup('SIGTERM');
      };
      const end = async () => {
        kill();
        const timer = setTimeout(() => signalGroup('SIGKILL'), farewell);
        await exited;
        clearTimeout(timer);
      };
      resolve({ stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, exited, kill, end });
    });
  });
}

/** The processes of one vantage, as long as they run. */
export class Children {
  readonly #running = new Set<Child>();

  add(child: Child): void {
    this.#running.add(child);
    void child.exited.then(() => this.#running.delete(child));
  }

  async end(): Promise<void> {
    await Promise.all([...this.#running].map((child) => child.end()));
  }
}
