import type { Answer } from '../model/observation.js';
import { printable } from './sentences.js';
import { errnoOf, isTimeout } from './strerror.js';

/**
 * What a refused direct-tcpip channel says of the connect, judged by its description: sshd gives the same reason code to
 * a refused connect and to one that it never tried. Anything not understood is untried, with the text kept.
 */
export function answerOfOpenFailure({ description, reason }: OpenFailure, afterMs: number): Answer {
  const errno = errnoOf(description);
  if (errno !== undefined) return { kind: 'error', errno };
  if (isTimeout(description)) return { kind: 'silence', afterMs };
  if (/prohibited/i.test(description) || reason === administrativelyProhibited) {
    const detail = `sshd refused to forward ("${description}"): see AllowTcpForwarding, DisableForwarding and PermitOpen`;
    return { kind: 'untried', cause: 'forwarding-forbidden', detail };
  }
  // sshd says "open failed" of a connect that failed at once, for want of a route or of a descriptor: it hides which.
  return { kind: 'untried', cause: 'engine-failed', detail: `sshd did not connect and hides why: "${description}"` };
}

/** A channel that was not opened. */
export interface OpenFailure {
  readonly description: string;
  /** RFC 4254, 5.1; undefined where the connection broke instead. */
  readonly reason: number | undefined;
}

const administrativelyProhibited = 1;

/** What is inside an error of ssh2. */
export function openFailure(error: Error & { readonly reason?: unknown }): OpenFailure {
  const description = /Channel open failure: (.*)$/s.exec(error.message)?.[1];
  if (description === undefined) return { description: printable(error.message), reason: undefined };
  return { description: printable(description), reason: typeof error.reason === 'number' ? error.reason : 0 };
}
