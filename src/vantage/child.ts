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
function startChild(file: string, args: readonly string[]): Promise<Child> {
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
  #over = false;

  /** Starts one more. Rejects as {@link startChild} does, and once they have been ended. */
  async start(file: string, args: readonly string[]): Promise<Child> {
    const closed = new Error('the connection was closed');
    if (this.#over) throw closed;
    const child = await startChild(file, args);
    this.#running.add(child);
    void child.exited.then(() => this.#running.delete(child));
    if (!this.#over) return child;
    await child.end();
    throw closed;
  }

  /** Ends them, and whatever is about to start. Never rejects. */
  async end(): Promise<void> {
    this.#over = true;
    await Promise.all([...this.#running].map((child) => child.end()));
  }
}
