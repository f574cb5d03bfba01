import type { Duplex } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import { DialFailure, type Login, type RemoteProcess, type Vantage, VantageFailure } from '../model/vantage.js';
import type { Connection } from './connection.js';
import { DialLines } from './dial-lines.js';
import { notRun } from './sentences.js';

/** How long sshd may take to say whether it forwards, in milliseconds. */
const trialMs = 3000;

/** A host behind one SSH connection, and fresh ones for dialling where the first is full of abandoned opens. */
export class Ssh2Vantage implements Vantage {
  readonly transport = 'ssh2';
  readonly host: string;
  readonly login: Login;
  readonly lost: Promise<VantageFailure>;
  readonly #connection: Connection;
  readonly #shared: boolean;
  readonly #lines: DialLines;
  #forwards: Promise<boolean> | undefined;

  /** `shared`: hosts behind it use the connection as well, so that it is not the vantage's to end. */
  constructor(
    host: string,
    connection: Connection,
    fresh: (closed: AbortSignal) => Promise<Connection>,
    shared = false,
  ) {
    this.host = host;
    this.login = connection.login;
    this.#connection = connection;
    this.#shared = shared;
    this.lost = connection.lost;
    this.#lines = new DialLines(connection, fresh);
  }

  async exec(command: string): Promise<RemoteProcess> {
    const { client, gone } = this.#connection;
    const channel = await new Promise<ClientChannel>((resolve, reject) => {
      const fail = (error: Error) => reject(new VantageFailure(notRun(this.host, command, error.message)));
      try {
        client.exec(command, (error, opened) => (error === undefined ? resolve(opened) : fail(error)));
      } catch (error) {
        fail(error as Error);
      }
    });
    return remoteProcess(channel, gone);
  }

  dial(address: string, port: number, signal: AbortSignal, onSent?: () => void): Promise<Duplex> {
    return this.#lines.dial(address, port, signal, onSent);
  }

  forwards(): Promise<boolean> {
    this.#forwards ??= this.#triesToForward();
    return this.#forwards;
  }

  async #triesToForward(): Promise<boolean> {
    try {
      // The node's own loopback refuses at once, and nothing leaves the node.
      const stream = await this.dial('127.0.0.1', 1, AbortSignal.timeout(trialMs));
      stream.destroy();
      return true;
    } catch (error) {
      return !(error instanceof DialFailure && isForbidden(error));
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#lines.close(), this.#shared ? undefined : this.#connection.close()]);
  }
}

function isForbidden({ answer }: DialFailure): boolean {
  return answer.kind === 'untried' && answer.cause === 'forwarding-forbidden';
}

function remoteProcess(channel: ClientChannel, gone: Promise<void>): RemoteProcess {
  // Writing to a process that ended is no news: its end is.
  channel.on('error', () => {});
  channel.stderr.on('error', () => {});
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    channel.once('exit', (code: number | null, signal?: string) => resolve({ code, signal: signal ?? null }));
    channel.once('close', () => resolve({ code: null, signal: null }));
    void gone.then(() => resolve({ code: null, signal: null }));
  });
  return {
    stdin: channel.stdin,
    stdout: channel.stdout,
    stderr: channel.stderr,
    exited,
    kill() {
      channel.signal('TERM');
      channel.destroy();
    },
  };
}
