import { type RemoteProcess, type Vantage, VantageFailure } from '../../model/vantage.js';
import { createRelay, type Relay } from '../relay/relay.js';
import { notRun } from '../sentences.js';
import type { Master } from './master.js';

/** A host behind a master of the system's ssh. */
export class OpensshVantage implements Vantage {
  readonly transport = 'openssh';
  readonly host: string;
  readonly login: Master['login'];
  readonly lost: Promise<VantageFailure>;
  readonly dial: Vantage['dial'];
  readonly #master: Master;
  readonly #relay: Relay;

  constructor(host: string, master: Master) {
    this.host = host;
    this.login = master.login;
    this.lost = master.lost;
    this.#master = master;
    this.#relay = createRelay(this);
    this.dial = this.#relay.dial;
  }

  async exec(command: string): Promise<RemoteProcess> {
    try {
      return await this.#master.sessions.exec(command);
    } catch (error) {
      throw new VantageFailure(notRun(this.host, command, (error as Error).message));
    }
  }

  get relay(): string | undefined {
    return this.#relay.interpreter;
  }

  async forwards(): Promise<boolean> {
    return false;
  }

  async close(): Promise<void> {
    await this.#relay.close();
    await this.#master.close();
  }
}
