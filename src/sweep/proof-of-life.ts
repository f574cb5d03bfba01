import { DialFailure, type Vantage, VantageFailure } from '../model/vantage.js';
import { interrupted, type Untried } from './remainder.js';

/** Longer than a transport needs to find its connection dead: where loopback itself is silent, that has to do. */
const patienceMs = 12_000;

const unasked: Untried = {
  kind: 'untried',
  cause: 'out-of-sockets',
  detail: 'nothing answered, and sshd could not be asked whether it still connects',
};

/**
 * An open that sshd does not answer and a connection that has died look alike for seconds. Silence is believed once sshd
 * has answered another open since: of the node's own loopback, which refuses at once, or sshd does.
 */
export class ProofOfLife {
  readonly #vantage: Vantage;
  readonly #signal: AbortSignal;
  #current: Promise<Untried | undefined> | undefined;
  #next: Promise<Untried | undefined> | undefined;

  constructor(vantage: Vantage, signal: AbortSignal) {
    this.#vantage = vantage;
    this.#signal = signal;
  }

  /** Undefined once sshd has answered an open that was sent after this call; else why it did not. Shared by callers. */
  wanted(): Promise<Untried | undefined> {
    // One that is under way may have been answered before this caller's silence was over.
    this.#next ??= (this.#current ?? Promise.resolve()).then(() => {
      this.#next = undefined;
      this.#current = this.#take();
      return this.#current;
    });
    return this.#next;
  }

  async #take(): Promise<Untried | undefined> {
    const patience = AbortSignal.timeout(patienceMs);
    const either = AbortSignal.any([this.#signal, patience]);
    let sent = false;
    const onSent = () => {
      sent = true;
    };
    while (!either.aborted) {
      try {
        const stream = await this.#vantage.dial('127.0.0.1', 1, either, onSent);
        stream.on('error', () => {});
        stream.destroy();
        return undefined;
      } catch (error) {
        if (error instanceof VantageFailure)
          return { kind: 'untried', cause: 'connection-lost', detail: error.message };
        if (!(error instanceof DialFailure)) {
          if (either.aborted) break;
          throw error;
        }
        const { answer } = error;
        if (answer.kind !== 'untried') return undefined;
        if (answer.cause === 'connection-lost') return answer;
        // What was never sent for want of a turn says nothing; any other refusal is sshd's answer.
        if (answer.cause !== 'out-of-sockets') return undefined;
      }
    }
    if (this.#signal.aborted) return interrupted;
    return sent ? undefined : unasked;
  }
}
