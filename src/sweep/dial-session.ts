import { isIP } from 'node:net';
import pLimit from 'p-limit';
import type { NodeFacts } from '../model/observation.js';
import { countPorts } from '../model/port-set.js';
import type { NodeSession, SweepEvent, SweepItem, SweepLimits } from '../model/sweep.js';
import type { Vantage } from '../model/vantage.js';
import { blindSpots, sentences } from './blind-spots.js';
import { Coverage } from './coverage.js';
import { DialEngine } from './dial-engine.js';
import { resolveOnNode } from './dial-names.js';
import { DialRow, isAmong } from './dial-rows.js';
import { dialEngine } from './engines.js';
import { giveUp, interrupted, type Untried } from './remainder.js';
import { TokenBucket } from './token-bucket.js';
import { Turns } from './turns.js';

// Each is a session of the one connection, of which sshd allows ten.
const resolversAtOnce = 4;

/** A session with a node on which no program of ours can run: sshd connects for us. */
export class DialSession implements NodeSession {
  readonly engine = 'dial';
  readonly interpreter = undefined;
  readonly blindSpots: readonly string[];
  readonly facts: NodeFacts;
  readonly asksTokens = false;
  readonly #vantage: Vantage;
  readonly #turns = new Turns();
  #bucket = new TokenBucket(0);

  /** `noExec`: why nothing can be run on the node, where that is so. */
  constructor(vantage: Vantage, facts: NodeFacts, noExec: string | undefined) {
    this.#vantage = vantage;
    this.facts = facts;
    const usual = sentences(dialEngine.blindSpots(''));
    this.blindSpots = noExec === undefined ? usual : [...usual, `${blindSpots['node-unknown']} (${noExec})`];
  }

  sweep(
    items: readonly SweepItem[],
    limits: SweepLimits,
    onEvent: (event: SweepEvent) => void,
    signal: AbortSignal,
  ): Promise<void> {
    return this.#turns.next(async () => {
      const coverage = new Coverage(items);
      const end = await this.#sweep(
        items,
        limits,
        (event) => {
          coverage.note(event);
          onEvent(event);
        },
        signal,
      );
      giveUp(
        coverage,
        end ?? { kind: 'untried', cause: 'engine-failed', detail: 'the dialler left them out' },
        onEvent,
      );
    });
  }

  setRate(rate: number): void {
    this.#bucket.setRate(rate);
  }

  async close(): Promise<void> {}

  async #sweep(
    items: readonly SweepItem[],
    limits: SweepLimits,
    onEvent: (event: SweepEvent) => void,
    signal: AbortSignal,
  ): Promise<Untried | undefined> {
    if (signal.aborted) return interrupted;
    this.#bucket = new TokenBucket(limits.rate);
    const limit = pLimit(resolversAtOnce);
    const addresses = await Promise.all(items.map((item) => limit(() => this.#addresses(item, onEvent, signal))));
    if (signal.aborted) return interrupted;
    const rows = items.flatMap((item, index) =>
      addresses[index]!.filter((address) => item.ports.length > 0 && !this.#isForbiddenOwn(item, address, onEvent)).map(
        (address) => new DialRow(item.id, address, item.ports),
      ),
    );
    const losing = new AbortController();
    let lost: Untried | undefined;
    void this.#vantage.lost.then((failure) => {
      lost = { kind: 'untried', cause: 'connection-lost', detail: failure.message };
      losing.abort();
    });
    const either = AbortSignal.any([signal, losing.signal]);
    const end = await new DialEngine(this.#vantage, rows, limits, this.#bucket, onEvent, either).run();
    return signal.aborted ? interrupted : (lost ?? end);
  }

  async #addresses(
    { id, target, ports }: SweepItem,
    onEvent: (event: SweepEvent) => void,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    if (isIP(target) !== 0) return [target];
    const resolution = await resolveOnNode(this.#vantage, target, signal);
    switch (resolution.kind) {
      case 'addresses':
        onEvent({ type: 'resolved', item: id, addresses: resolution.addresses, resolveMs: resolution.resolveMs });
        return resolution.addresses;
      case 'failure':
        onEvent({ type: 'name-failure', item: id, detail: resolution.detail });
        return [];
      case 'unasked': {
        const { answer } = resolution;
        if (answer.cause !== 'interrupted') onEvent({ type: 'answers', item: id, address: target, ports, answer });
        return [];
      }
    }
  }

  #isForbiddenOwn(item: SweepItem, address: string, onEvent: (event: SweepEvent) => void): boolean {
    const own = this.facts.addresses ?? ['127.0.0.1', '::1'];
    if (item.allowOwnAddress || !isAmong(address, own)) return false;
    const detail = `${address} is the source's own address`;
    const answer = { kind: 'untried', cause: 'own-address', detail } as const;
    onEvent({ type: 'answers', item: item.id, address, ports: item.ports, answer });
    onEvent({ type: 'progress', probes: countPorts(item.ports) });
    return true;
  }
}
