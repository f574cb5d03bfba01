/** How far a run has come. Counts only ever grow. */
export interface Progress {
  readonly hosts: number;
  readonly loggedIn: number;
  readonly failed: number;
  /** Hosts whose work is over, failed ones included. */
  readonly finished: number;
  readonly probes: number;
  readonly answered: number;
}

/** Keeps count, and tells whoever listens. */
export class ProgressCount {
  #progress: Progress;
  readonly #tell: (progress: Progress) => void;

  constructor(hosts: number, probes: number, tell: (progress: Progress) => void) {
    this.#progress = { hosts, loggedIn: 0, failed: 0, finished: 0, probes, answered: 0 };
    this.#tell = tell;
  }

  add(counts: Partial<Omit<Progress, 'hosts' | 'probes'>>): void {
    const next = { ...this.#progress };
    for (const key of ['loggedIn', 'failed', 'finished', 'answered'] as const) next[key] += counts[key] ?? 0;
    this.#progress = next;
    this.#tell(next);
  }
}
