/** How far a run has come. Counts only ever grow, but for `slowed`. */
export interface Progress {
  readonly hosts: number;
  readonly loggedIn: number;
  readonly failed: number;
  /** Hosts whose work is over, failed ones included. */
  readonly finished: number;
  readonly probes: number;
  readonly answered: number;
  /** Vantages that are held below their share at the moment, because something on the way seems to have enough. */
  readonly slowed: number;
}

/** Keeps count, and tells whoever listens. */
export class ProgressCount {
  #progress: Progress;
  readonly #tell: (progress: Progress) => void;

  constructor(hosts: number, probes: number, tell: (progress: Progress) => void) {
    this.#progress = { hosts, loggedIn: 0, failed: 0, finished: 0, probes, answered: 0, slowed: 0 };
    this.#tell = tell;
  }

  add(counts: Partial<Omit<Progress, 'hosts' | 'probes'>>): void {
    const next = { ...this.#progress };
    for (const key of ['loggedIn', 'failed', 'finished', 'answered', 'slowed'] as const) next[key] += counts[key] ?? 0;
    this.#progress = next;
    this.#tell(next);
  }
}
