/** How hard and how long to probe: the values of `--rate`, `--total-rate`, `--timeout`, `--seed` and `--parallel`. */
export interface ObserveOptions {
  /** Connects per second per vantage; 0 lifts every limit. */
  readonly rate: number;
  /** Connects per second of the whole run; 0 lifts it. */
  readonly totalRate: number;
  /** Of one connect and of one dialogue, in milliseconds. */
  readonly timeoutMs: number;
  /** Order of the probes, 0 to 2^31 - 1. */
  readonly seed: number;
  /** Hosts logged in to at once, at least 1. */
  readonly parallel: number;
  /** The unprivileged, password-less user that completes a MySQL handshake. */
  readonly mysqlUser: string;
}
