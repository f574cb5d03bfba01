import type { ClientChannel } from 'ssh2';
import type { Answer } from '../model/observation.js';
import {
  DialFailure,
  type DialledStream,
  type Login,
  type RemoteProcess,
  type Vantage,
  VantageFailure,
} from '../model/vantage.js';
import type { Connection } from './connection.js';
import { DialLines } from './dial-lines.js';
import { createRelay, type Relay } from './relay/relay.js';
import { addressAndPort, notRun } from './sentences.js';

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
  readonly #relay: Relay;
  #forwards: Promise<boolean> | undefined;
  /** sshd's, where it forwards nothing. */
  #refusal: Refusal | undefined;

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
    this.#relay = createRelay(this);
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

  async dial(address: string, port: number, signal: AbortSignal, onSent?: () => void): Promise<DialledStream> {
    if (this.#refusal !== undefined) return this.#relayed(this.#refusal, address, port, signal, onSent);
    try {
      return await this.#lines.dial(address, port, signal, onSent);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      // Of this target only, perhaps: PermitOpen is a list.
      return await this.#relayed(error, address, port, signal, onSent);
    }
  }

  get relay(): string | undefined {
    return this.#relay.interpreter;
  }

  forwards(): Promise<boolean> {
    this.#forwards ??= this.#triesToForward();
    return this.#forwards;
  }

  async #triesToForward(): Promise<boolean> {
    try {
      // The node's own loopback refuses at once, and nothing leaves the node.
      const stream = await this.#lines.dial('127.0.0.1', 1, AbortSignal.timeout(trialMs));
      stream.destroy();
    } catch (error) {
      if (isRefusal(error)) this.#refusal = error;
    }
    return this.#refusal === undefined;
  }

  /** Where no relay runs either, sshd's refusal is what the operator can do something about. */
  async #relayed(
    { answer: refusal }: Refusal,
    ...[address, port, signal, onSent]: Parameters<Vantage['dial']>
  ): Promise<DialledStream> {
    try {
      return await this.#relay.dial(address, port, signal, onSent);
    } catch (error) {
      if (!(error instanceof DialFailure) || error.answer.kind !== 'untried' || error.answer.cause !== 'no-engine')
        throw error;
      const detail = `${refusal.detail}; ${error.answer.detail}`;
      throw new DialFailure(`dialling ${addressAndPort(address, port)}: ${detail}`, { ...refusal, detail });
    }
  }

  async close(): Promise<void> {
    await this.#relay.close();
    await Promise.all([this.#lines.close(), this.#shared ? undefined : this.#connection.close()]);
  }
}

type Refusal = DialFailure & { readonly answer: Extract<Answer, { kind: 'untried' }> };

function isRefusal(error: unknown): error is Refusal {
  if (!(error instanceof DialFailure)) return false;
  return error.answer.kind === 'untried' && error.answer.cause === 'forwarding-forbidden';
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
