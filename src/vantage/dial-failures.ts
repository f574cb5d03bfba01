import { DialFailure } from '../model/vantage.js';
import { answerOfOpenFailure, openFailure } from './open-failure.js';
import { addressAndPort } from './sentences.js';

/** What an error of ssh2 says of the target. */
export function dialFailure(error: Error, address: string, port: number, afterMs: number): DialFailure {
  const target = addressAndPort(address, port);
  const failure = openFailure(error);
  if (failure.reason === undefined) {
    const detail = `the connection to the node was lost (${failure.description})`;
    return new DialFailure(`dialling ${target}: ${detail}`, { kind: 'untried', cause: 'connection-lost', detail });
  }
  return new DialFailure(
    `dialling ${target}: ${failure.description}`,
    answerOfOpenFailure(failure, wholeSeconds(afterMs)),
  );
}

/** A kernel gives up after 1, 3, 7… s (tcp_syn_retries); milliseconds would give every port an answer of its own. */
export function wholeSeconds(milliseconds: number): number {
  return Math.max(1, Math.round(milliseconds / 1000)) * 1000;
}

/** A dial of which nothing, or nothing in time, left this program. The answer's sentence is one for all targets. */
export function unsent(target: string, why: string): DialFailure {
  const detail = `the connect could not be sent: ${why}`;
  return new DialFailure(`dialling ${target}: ${detail}`, { kind: 'untried', cause: 'out-of-sockets', detail });
}
