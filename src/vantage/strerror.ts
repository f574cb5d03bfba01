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
  [/protocol not available/i, 'ENOPROTOOPT'],
];

/** The symbolic name of an error that a text tells of; undefined where it tells of none that a target can cause. */
export function errnoOf(text: string): string | undefined {
  return errnos.find(([words]) => words.test(text))?.[1];
}

/** Whether a text says that a connect was given up by the kernel. */
export function isTimeout(text: string): boolean {
  return /(?:connection|operation) timed out/i.test(text);
}

/** Whether a text says that the node itself had nothing left to connect with. */
export function isShortage(text: string): boolean {
  return /too many open files|cannot assign requested address|address not available|temporarily unavailable|no buffer space|cannot allocate|out of memory/i.test(
    text,
  );
}
