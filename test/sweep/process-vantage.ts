import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { DialFailure, type RemoteProcess, type Vantage, type VantageFailure } from '#src/model/vantage.js';

/**
 * A vantage whose commands run under any prefix: `nsenter` into a machine of the lab, `prlimit`, nothing. It dials from
 * the test process's own network.
 */
export class ProcessVantage implements Vantage {
  readonly host = 'process';
  readonly transport = 'local';
  readonly lost: Promise<VantageFailure>;
  readonly lose: (failure: VantageFailure) => void;
  readonly processes: RemoteProcess[] = [];
  readonly pids: number[] = [];
  readonly #prefix: readonly string[];
  readonly #environment: NodeJS.ProcessEnv;

  constructor(prefix: readonly string[] = [], environment: NodeJS.ProcessEnv = process.env) {
    this.#prefix = prefix;
    this.#environment = environment;
    const { promise, resolve } = withResolvers<VantageFailure>();
    this.lost = promise;
    this.lose = resolve;
  }

  async exec(command: string): Promise<RemoteProcess> {
    const [file, ...args] = [...this.#prefix, '/bin/sh', '-c', command];
    const child = spawn(file!, args, { stdio: 'pipe', env: this.#environment });
    const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    const kill = () => {
      child.stdin.destroy();
      child.kill('SIGTERM');
    };
    const running = { stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, exited, kill };
    this.processes.push(running);
    this.pids.push(child.pid!);
    return running;
  }

  dial(address: string, port: number, signal: AbortSignal, onSent?: () => void): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      onSent?.();
      const socket = connect({ host: address, port, signal });
      socket.once('connect', () => resolve(socket));
      socket.once('error', (error: NodeJS.ErrnoException) => {
        if (signal.aborted) reject(signal.reason);
        else reject(new DialFailure(error.message, { kind: 'error', errno: error.code ?? 'EUNKNOWN' }));
      });
    });
  }

  async forwards(): Promise<boolean> {
    return true;
  }

  async close(): Promise<void> {}
}

function withResolvers<T>() {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
