import { setTimeout as delay } from 'node:timers/promises';
import type { SshProbe, VantageWork, WorkItem } from '../model/plan.js';
import { intersectPorts, noPorts, overlapPorts } from '../model/port-set.js';
import type { NodeSession, SweepEvent, SweepItem, SweepLimits } from '../model/sweep.js';
import type { PreAuthBudget } from '../model/vantage.js';
import type { Collector } from './collector.js';
import type { NodePace } from './node-pace.js';
import type { ProgressCount } from './progress.js';

type Stage = readonly Omit<WorkItem, 'unlessOpen'>[];

/** Each is slower than the one before, and needs answers to be followed by another. */
const mostRounds = 5;

/** The sweeps of one node, one after another, and where their answers go. */
export class NodeSweeps {
  readonly #session: NodeSession;
  readonly #limits: Omit<SweepLimits, 'rate'>;
  readonly #collector: Collector;
  readonly #pace: NodePace;
  readonly #progress: ProgressCount;
  #slowed = false;

  constructor(
    session: NodeSession,
    limits: Omit<SweepLimits, 'rate'>,
    parts: { readonly collector: Collector; readonly pace: NodePace; readonly progress: ProgressCount },
  ) {
    this.#session = session;
    this.#limits = limits;
    this.#collector = parts.collector;
    this.#pace = parts.pace;
    this.#progress = parts.progress;
  }

  /**
   * Preferred ports first; then, after `afterFirst`, what they made needless is left out. The names that dialogues need are
   * resolved on the way.
   */
  async run(
    { sweep, ssh }: Pick<VantageWork, 'sweep' | 'ssh'>,
    names: ReadonlySet<string>,
    preAuth: PreAuthBudget,
    afterFirst: () => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const swept = new Set(sweep.map(({ target }) => target));
    const resolveOnly = [...names]
      .filter((name) => !swept.has(name))
      .map((target) => ({ target, allowOwnAddress: true, ports: noPorts }));
    const first = sweep.filter(({ unlessOpen }) => unlessOpen.length === 0);
    await this.#sweep([...first, ...resolveOnly], signal);
    await afterFirst();
    const later = sweep.filter(({ unlessOpen }) => unlessOpen.length > 0);
    await this.#sweep(
      later.filter((item) => this.#isNeeded(item)),
      signal,
    );
    await this.#probeSsh(
      ssh.filter((item) => this.#isNeeded(item)),
      preAuth,
      signal,
    );
  }

  /** As many at a time as their sshds may be asked. Leave is asked for right before a sweep: it must not grow old. */
  async #probeSsh(probes: readonly SshProbe[], preAuth: PreAuthBudget, signal: AbortSignal): Promise<void> {
    let waiting = probes;
    while (waiting.length > 0) {
      const granted: SshProbe[] = [];
      const refused: SshProbe[] = [];
      let soonest = Number.POSITIVE_INFINITY;
      for (const probe of waiting) {
        const wait = signal.aborted ? 0 : preAuth.tryTake(probe.sshd);
        (wait === 0 ? granted : refused).push(probe);
        if (wait > 0) soonest = Math.min(soonest, wait);
      }
      if (granted.length > 0) await this.#sweepOnce(granted, signal);
      else await delay(soonest, undefined, { signal }).catch(() => {});
      waiting = refused;
    }
  }

  #isNeeded({ target, unlessOpen }: WorkItem): boolean {
    return unlessOpen.length === 0 || !overlapPorts(unlessOpen, this.#collector.openPorts(target));
  }

  /** Where the rate made ports silent and an engine's own two re-probes were too fast for all of them, more follow. */
  async #sweep(items: Stage, signal: AbortSignal): Promise<void> {
    await this.#sweepOnce(items, signal);
    for (let round = 0; round < mostRounds && this.#pace.isDoubtful(round > 0) && !signal.aborted; round++) {
      const silent = items.map((item) => {
        const ports = intersectPorts(item.ports, this.#collector.silentPorts(item.target));
        return { ...item, ports };
      });
      const left = silent.filter(({ ports }) => ports.length > 0);
      if (left.length === 0) return;
      await this.#sweepOnce(left, signal);
    }
  }

  async #sweepOnce(items: Stage, signal: AbortSignal): Promise<void> {
    if (items.length === 0) return;
    const numbered: SweepItem[] = items.map(({ target, ports, allowOwnAddress }, id) => ({
      id,
      target,
      ports,
      allowOwnAddress,
    }));
    const rate = this.#pace.begin(numbered);
    try {
      await this.#session.sweep(numbered, { ...this.#limits, rate }, (event) => this.#note(event, numbered), signal);
    } finally {
      this.#pace.end();
      this.#showSlowed(false);
    }
  }

  #note(event: SweepEvent, items: readonly SweepItem[]): void {
    this.#pace.note(event);
    if (event.type === 'progress') {
      this.#showSlowed(this.#pace.slowed);
      this.#progress.add({ answered: event.probes });
      return;
    }
    const { target, ports } = items[event.item]!;
    switch (event.type) {
      case 'resolved':
        this.#collector.resolved(target, event.addresses, event.resolveMs);
        break;
      case 'name-failure':
        this.#collector.nameFailure(target, event.detail);
        break;
      case 'answers':
        this.#collector.answers(target, event.address, event.ports, event.answer);
        break;
      case 'latency':
        this.#collector.latency(target, event.address, event.sourceAddress, ports, event.histogram);
        break;
    }
  }

  #showSlowed(slowed: boolean): void {
    if (slowed === this.#slowed) return;
    this.#slowed = slowed;
    this.#progress.add({ slowed: slowed ? 1 : -1 });
  }
}
