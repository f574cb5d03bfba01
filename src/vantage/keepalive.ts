const intervalMs = 3000;
/** Unanswered ones, beside the last, after which a connection is lost. */
const unanswered = 2;

/**
 * ssh2's settings for a connection that goes through `depth` others. Each is a little more patient than the one it goes
 * through, so that a cut is told of the connection it happened to.
 */
export function keepalive(depth: number): { readonly keepaliveInterval: number; readonly keepaliveCountMax: number } {
  return { keepaliveInterval: intervalMs, keepaliveCountMax: unanswered + depth };
}

/** After how many milliseconds of silence such a connection is lost: 9 s for a direct one. */
export function silenceUntilLost(depth: number): number {
  return intervalMs * (unanswered + depth + 1);
}
