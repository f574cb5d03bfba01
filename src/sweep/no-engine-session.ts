import type { NodeFacts } from '../model/observation.js';
import type { NodeSession, SweepEvent, SweepItem, SweepLimits } from '../model/sweep.js';
import { Coverage } from './coverage.js';
import { ladder } from './engines.js';
import { giveUp, interrupted } from './remainder.js';

/** A session with a node that nothing can sweep from: whatever is asked of it is untried, and why. */
export class NoEngineSession implements NodeSession {
  readonly engine = undefined;
  readonly asksTokens = false;
  readonly interpreter = undefined;
  readonly facts: NodeFacts;
  readonly blindSpots: readonly string[];

  constructor(facts: NodeFacts, blindSpots: readonly string[]) {
    this.facts = facts;
    this.blindSpots = blindSpots;
  }

  async sweep(
    items: readonly SweepItem[],
    _limits: SweepLimits,
    onEvent: (event: SweepEvent) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const needs = ladder.map((engine) => engine.needs.replaceAll('`', '')).join('; ');
    const detail = `nothing on the node can connect: looked for ${needs}`;
    giveUp(
      new Coverage(items),
      signal.aborted ? interrupted : { kind: 'untried', cause: 'no-engine', detail },
      onEvent,
    );
  }

  setRate(): void {}

  async close(): Promise<void> {}
}
