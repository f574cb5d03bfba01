import { DialFailure } from '../model/vantage.js';
import { answerOfOpenFailure, openFailure } from './open-failure.js';
import { addressAndPort } from './sentences.js';

/** What an error of ssh2 says of the target. */
export function dialFailure(error: Error, address: string, port: number, afterMs: number): DialFailure {
  const target = addressAndPort(address, port);
  const failure = openFailure(error);
  if (failure.reason === undefined) {
    const detail = `the connection to the node was lost while ${target} was dialled (${failure.description})`;
    return new DialFailure(detail, { kind: 'untried', cause: 'connection-lost', detail });
  }
  return new DialFailure(
    `dialling ${target}: ${failure.description}`,
    answerOfOpenFailure(failure, Math.round(afterMs)),
  );
}

/** A dial of which nothing left this program. */
export function unsent(target: string, why: string): DialFailure {
  return untried(`${target} was not dialled: ${why}`);
}

export function untried(detail: string): DialFailure {
  return new DialFailure(detail, { kind: 'untried', cause: 'out-of-sockets', detail });
}
