import type { Duplex } from 'node:stream';
import type { Host } from '../model/inventory.js';
import { type RemoteProcess, type Transport, type Vantage, VantageFailure } from '../model/vantage.js';
import { abortable } from '../remote-program/abortable.js';
import { Children } from './child.js';
import { endOf, ShellFailure, startShell } from './command-shell.js';
import { createRelay, type Relay } from './relay/relay.js';
import { printable } from './sentences.js';

/** What a test sets to have bad days sooner; a run leaves it alone. */
export interface CommandOptions {
  /** How long the command may take until its shell answers, in milliseconds: an API server may look for its node first. */
  readonly readyMs?: number;
}

/** Hosts that a command of the operator's gives a shell on: `docker exec -i db1 sh`, `nsenter`, `ip netns exec`. */
export function createCommandTransport(_context: unknown, { readyMs = 20_000 }: CommandOptions = {}): Transport {
  return {
    name: 'command',
    async connect(host, signal) {
      signal.throwIfAborted();
      const vantage = new CommandVantage(host, readyMs);
      try {
        await abortable(vantage.begin(), AbortSignal.any([signal]));
        return vantage;
      } catch (error) {
        await vantage.close();
        throw error;
      }
    },
    async close() {},
  };
}

class CommandVantage implements Vantage {
  readonly transport = 'command';
  readonly host: string;
  readonly lost: Promise<VantageFailure>;
  readonly #command: readonly string[];
  readonly #readyMs: number;
  readonly #children = new Children();
  readonly #relay: Relay;
  #lose: (failure: VantageFailure) => void = () => {};
  #closing = false;

  constructor({ name, command = [] }: Host, readyMs: number) {
    this.host = name;
    this.#command = command;
    this.#readyMs = readyMs;
    this.lost = new Promise((resolve) => {
      this.#lose = resolve;
    });
    this.#relay = createRelay(this);
  }

  /** Starts a shell that waits as long as the vantage is in use: its end is the loss of the host. */
  async begin(): Promise<void> {
    const session = await this.#start('read -r end').catch((error: unknown) => {
      throw error instanceof ShellFailure
        ? new VantageFailure(`cannot log in to ${this.host}: ${error.message}`)
        : error;
    });
    let said = '';
    session.stdout.resume();
    session.stderr.on('data', (chunk: Buffer) => {
      said = printable(said + chunk.toString());
    });
    void session.exited.then((exit) => {
      if (this.#closing) return;
      // What starts there from now on, in a container that was started anew perhaps, would be another host's.
      void this.#children.end();
      this.#lose(new VantageFailure(`the connection to ${this.host} was lost: ${this.#name} ${endOf(exit, said)}`));
    });
  }

  async exec(command: string): Promise<RemoteProcess> {
    try {
      return await this.#start(command);
    } catch (error) {
      if (!(error instanceof ShellFailure)) throw error;
      throw new VantageFailure(`${this.host} did not run "${command}": ${error.message}`);
    }
  }

  dial(address: string, port: number, signal: AbortSignal, onSent?: () => void): Promise<Duplex> {
    return this.#relay.dial(address, port, signal, onSent);
  }

  get relay(): string | undefined {
    return this.#relay.interpreter;
  }

  async forwards(): Promise<boolean> {
    return false;
  }

  async close(): Promise<void> {
    this.#closing = true;
    await this.#relay.close();
    await this.#children.end();
  }

  get #name(): string {
    return `"${this.#command.join(' ')}"`;
  }

  #start(command: string): Promise<RemoteProcess> {
    return startShell(this.#command, command, this.#readyMs, this.#children);
  }
}
