import { setTimeout as delay } from 'node:timers/promises';
import type { SshProbe, VantageWork, WorkItem } from '../model/plan.js';
import { intersectPorts, noPorts, overlapPorts, singlePort } from '../model/port-set.js';
import type { NodeSession, ProbeToken, SweepEvent, SweepItem, SweepLimits } from '../model/sweep.js';
import type { PreAuthBudget } from '../model/vantage.js';
import { BanWatch } from './ban-watch.js';
import type { Collector } from './collector.js';
import type { NodePace } from './node-pace.js';
import type { ProgressCount } from './progress.js';

type Stage = readonly Omit<WorkItem, 'unlessOpen'>[];

/** More than two full-sized packets even where they are jumbo frames (9,000 bytes). */
const largeBytes = 20_000;

/** Each is slower than the one before, and needs answers to be followed by another. */
const mostRounds = 5;

/** Ports that had answered are tried so slowly, in connects per second, where nothing answers any more. */
const gentleRate = 2;

/** The sweeps of one node, one after another, and where their answers go. */
export class NodeSweeps {
  readonly #session: NodeSession;
  readonly #limits: Omit<SweepLimits, 'rate'>;
  readonly #collector: Collector;
  readonly #pace: NodePace;
  readonly #progress: ProgressCount;
  readonly #bans: BanWatch;
  #slowed = false;
  #token: ProbeToken | undefined;

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
    this.#bans = new BanWatch(limits.timeoutMs);
  }

  /**
   * Preferred ports first; then, after `afterFirst`, what they made needless is left out. The names that dialogues need are
   * resolved on the way.
   */
  async run(
    { sweep, ssh, token }: Pick<VantageWork, 'sweep' | 'ssh' | 'token'>,
    names: ReadonlySet<string>,
    preAuth: PreAuthBudget,
    afterFirst: () => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    this.#token = token === undefined || !this.#session.asksTokens ? undefined : { text: token, paddedTo: 0 };
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

  /**
   * Asks one listener of each address again, and for an answer as large: what full-sized packets are lost on the way is a
   * path that carries nothing but greetings. The addresses that did not answer that.
   */
  async loseLarge(targets: ReadonlySet<string>, signal: AbortSignal): Promise<readonly string[]> {
    const token = this.#token;
    if (token === undefined || signal.aborted) return [];
    const answered = [...targets].flatMap((target) => this.#collector.answeredPorts(target));
    const items = answered.map(({ address, port }, id): SweepItem => {
      return { id, target: address, ports: singlePort(port), allowOwnAddress: true, ask: true };
    });
    if (items.length === 0) return [];
    const silent = new Set<string>();
    const limits = { ...this.#limits, rate: this.#pace.begin(items), token: { ...token, paddedTo: largeBytes } };
    const note = (event: SweepEvent) => {
      if (event.type !== 'answers') return;
      if (event.answer.kind === 'tokenless' && event.answer.how === 'silent') silent.add(event.address);
      else silent.delete(event.address);
    };
    try {
      await this.#session.sweep(items, limits, note, signal);
    } finally {
      this.#pace.end();
    }
    return signal.aborted ? [] : [...silent];
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
    await this.#lookForBans(signal);
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

  /** Where answers stopped for good, ports that had answered tell a ban of this source from a rule about the others. */
  async #lookForBans(signal: AbortSignal): Promise<void> {
    const suspects = this.#bans.suspects();
    if (suspects.length === 0 || signal.aborted) return;
    const answering = new Set<number>();
    const items = suspects.map(({ address, known: ports }, id): SweepItem => {
      return { id, target: address, ports, allowOwnAddress: true };
    });
    const note = (event: SweepEvent) => {
      if (event.type === 'answers' && event.answer.kind !== 'silence') answering.add(event.item);
    };
    await this.#session.sweep(items, { ...this.#limits, rate: gentleRate }, note, signal);
    for (const [id, suspect] of suspects.entries()) {
      this.#bans.forget(suspect);
      // Untried, and whatever was never said of these ports, is no proof of a ban.
      if (answering.has(id) || signal.aborted) continue;
      const { target, address, silences, detail } = suspect;
      for (const { ports, answer } of silences) {
        this.#collector.disbelieve(target, address, ports, answer);
        this.#collector.answers(target, address, ports, { kind: 'untried', cause: 'rate-ban', detail });
      }
    }
  }

  async #sweepOnce(items: Stage, signal: AbortSignal): Promise<void> {
    if (items.length === 0) return;
    const token = this.#token;
    const numbered: SweepItem[] = items.map(({ target, ports, allowOwnAddress, ask }, id) => ({
      ...{ id, target, ports, allowOwnAddress },
      ...(ask && token !== undefined ? { ask } : {}),
    }));
    const rate = this.#pace.begin(numbered);
    const limits = { ...this.#limits, rate, ...(token === undefined ? {} : { token }) };
    try {
      await this.#session.sweep(numbered, limits, (event) => this.#note(event, numbered), signal);
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
        this.#bans.note(target, event, performance.now());
        this.#collector.answers(target, event.address, event.ports, event.answer);
        break;
      case 'unproven':
        this.#collector.disbelieve(target, event.address, event.ports, event.answer);
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
