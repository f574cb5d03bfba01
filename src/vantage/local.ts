import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Answer } from '../model/observation.js';
import { DialFailure, type RemoteProcess, type Transport, type Vantage, VantageFailure } from '../model/vantage.js';
import { wholeSeconds } from './dial-failures.js';
import { addressAndPort } from './sentences.js';

/** How long a process may take to end once its stdin is closed, in milliseconds. */
const farewell = 1000;

/** The machine that Portolan runs on, as a vantage like any other. */
export function createLocalTransport(): Transport {
  return {
    name: 'local',
    async connect(host, signal) {
      signal.throwIfAborted();
      return new LocalVantage(host.name);
    },
    async close() {},
  };
}

class LocalVantage implements Vantage {
  readonly transport = 'local';
  readonly host: string;
  readonly lost = new Promise<VantageFailure>(() => {});
  readonly #processes = new Set<RemoteProcess & { end(): Promise<void> }>();
  readonly #streams = new Set<Duplex>();

  constructor(host: string) {
    this.host = host;
  }

  exec(command: string): Promise<RemoteProcess> {
    return new Promise((resolve, reject) => {
      // A process group of its own: Ctrl-C at the terminal must not reach it before the report has what it knows.
      const child = spawn('/bin/sh', ['-c', command], { stdio: 'pipe', detached: true });
      child.once('error', (error) =>
        reject(new VantageFailure(`${this.host} did not run "${command}": ${error.message}`)),
      );
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
        const running = {
          stdin: child.stdin,
          stdout: child.stdout,
          stderr: child.stderr,
          exited,
          kill() {
            child.stdin.destroy();
            signalGroup('SIGTERM');
          },
          async end() {
            running.kill();
            const timer = setTimeout(() => signalGroup('SIGKILL'), farewell);
            await exited;
            clearTimeout(timer);
          },
        };
        this.#processes.add(running);
        void exited.then(() => this.#processes.delete(running));
        resolve(running);
      });
    });
  }

  dial(address: string, port: number, signal: AbortSignal, onSent?: () => void): Promise<Duplex> {
    const started = performance.now();
    return new Promise((resolve, reject) => {
      onSent?.();
      const socket = connect({ host: address, port, autoSelectFamily: false });
      const settle = () => {
        signal.removeEventListener('abort', onAbort);
        socket.off('error', onError);
        socket.on('error', () => {});
      };
      const onAbort = () => {
        settle();
        socket.destroy();
        reject(signal.reason);
      };
      const onError = (error: NodeJS.ErrnoException) => {
        settle();
        const answer = localAnswer(error, performance.now() - started);
        reject(new DialFailure(`dialling ${addressAndPort(address, port)}: ${error.message}`, answer));
      };
      socket.on('error', onError);
      socket.once('connect', () => {
        settle();
        // Linux may choose the very port it connects to, and then the socket meets itself: nobody listens there.
        if (socket.localPort === port && socket.localAddress === socket.remoteAddress) {
          socket.destroy();
          const message = `dialling ${addressAndPort(address, port)}: the socket connected to itself`;
          reject(new DialFailure(message, { kind: 'error', errno: 'ECONNREFUSED' }));
          return;
        }
        this.#streams.add(socket);
        socket.once('close', () => this.#streams.delete(socket));
        resolve(socket);
      });
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  async forwards(): Promise<boolean> {
    return true;
  }

  async close(): Promise<void> {
    for (const stream of this.#streams) stream.destroy();
    await Promise.all([...this.#processes].map((running) => running.end()));
  }
}

/** Errors that say something of this machine's sockets and nothing of the target. */
const ownShortages = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL', 'EAGAIN']);

function localAnswer(error: NodeJS.ErrnoException, afterMs: number): Answer {
  const errno = error.code ?? 'EUNKNOWN';
  if (errno === 'ETIMEDOUT') return { kind: 'silence', afterMs: wholeSeconds(afterMs) };
  if (ownShortages.has(errno))
    return { kind: 'untried', cause: 'out-of-sockets', detail: `this machine ran out of sockets (${errno})` };
  return { kind: 'error', errno };
}
