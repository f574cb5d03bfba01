import type { Answer } from '../model/observation.js';

/** strerror(3) of a failed connect, in the words of glibc, musl and the BSDs. */
const errnos: readonly (readonly [RegExp, string])[] = [
  [/connection refused/i, 'ECONNREFUSED'],
  [/no route to host|host is unreachable/i, 'EHOSTUNREACH'],
  [/network (?:is )?unreachable/i, 'ENETUNREACH'],
  [/host is down/i, 'EHOSTDOWN'],
  [/permission denied/i, 'EACCES'],
  [/operation not permitted/i, 'EPERM'],
  [/invalid argument/i, 'EINVAL'],
  [/connection reset/i, 'ECONNRESET'],
];

/**
 * What a refused direct-tcpip channel says of the connect, judged by its description: sshd gives the same reason code to
 * a refused connect and to one that it never tried. Anything not understood is untried, with the text kept.
 */
export function answerOfOpenFailure(description: string, afterMs: number): Answer {
  const errno = errnos.find(([text]) => text.test(description))?.[1];
  if (errno !== undefined) return { kind: 'error', errno };
  if (/(?:connection|operation) timed out/i.test(description)) return { kind: 'silence', afterMs };
  if (/open failed|prohibited|forwarding/i.test(description)) {
    const detail = `sshd refused to forward ("${description}"): see AllowTcpForwarding, DisableForwarding and PermitOpen`;
    return { kind: 'untried', cause: 'forwarding-forbidden', detail };
  }
  return { kind: 'untried', cause: 'engine-failed', detail: `sshd did not forward: "${description}"` };
}

/** The description inside an error of ssh2, and whether the connection broke instead. */
export function openFailure(error: Error): { readonly description: string; readonly connectionLost: boolean } {
  const description = /Channel open failure: (.*)$/s.exec(error.message)?.[1];
  return { description: description ?? error.message, connectionLost: description === undefined };
}
