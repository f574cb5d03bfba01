import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Answer } from '../model/observation.js';
import { DialFailure, type RemoteProcess, type Transport, type Vantage, VantageFailure } from '../model/vantage.js';
import { Children } from './child.js';
import { wholeSeconds } from './dial-failures.js';
import { addressAndPort } from './sentences.js';

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
  readonly #children = new Children();
  readonly #streams = new Set<Duplex>();

  constructor(host: string) {
    this.host = host;
  }

  async exec(command: string): Promise<RemoteProcess> {
    try {
      return await this.#children.start('/bin/sh', ['-c', command]);
    } catch (error) {
      throw new VantageFailure(`${this.host} did not run "${command}": ${(error as Error).message}`);
    }
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
    await this.#children.end();
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
