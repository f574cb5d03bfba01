import pLimit from 'p-limit';
import type { Host } from '../model/inventory.js';
import type { Observations, SourceObservations, VantageRecord } from '../model/observation.js';
import type { Plan, VantageWork } from '../model/plan.js';
import type { NodeSession } from '../model/sweep.js';
import type { Vantage } from '../model/vantage.js';
import { DialoguePace } from './dialogue-pace.js';
import { EveryNode } from './every-node.js';
import { observeNode } from './node.js';
import type { DialogueDependencies } from './node-dialogues.js';
import type { ObserveOptions } from './options.js';
import { Packer } from './packed.js';
import { type Progress, ProgressCount } from './progress.js';
import { RateBudget } from './rate-budget.js';

/** The effects of observing, passed in, so that each can be had another way. */
export interface ObserveDependencies extends Omit<DialogueDependencies, 'dialoguePace'> {
  connect(host: Host, signal: AbortSignal): Promise<Vantage>;
  openSession(vantage: Vantage, signal: AbortSignal): Promise<NodeSession>;
  onProgress(progress: Progress): void;
}

/**
 * Logs in to every host of the plan, sources and destinations alike (both ends are asked), and does each one's work.
 * A node that fails is a record in the result; when the signal aborts, the result is what was seen so far.
 */
export async function observe(
  plan: Plan,
  workOf: (host: Host) => VantageWork,
  options: ObserveOptions,
  dependencies: ObserveDependencies,
  signal: AbortSignal,
): Promise<Observations> {
  const hosts = [...plan.members.values()].filter((member): member is Host => member.kind === 'host');
  const budget = new RateBudget(options.rate, options.totalRate);
  const dialoguePace = new DialoguePace(budget);
  const progress = new ProgressCount(hosts.length, plan.probes + plan.controls.length, dependencies.onProgress);
  const limit = pLimit(options.parallel);
  const vantages = new Map<string, VantageRecord>();
  const targets = new Map<string, SourceObservations>();
  const packer = new Packer();
  const every = new EveryNode(signal);
  await every.all(hosts, (host) =>
    limit(async () => {
      const parts = { ...dependencies, budget, dialoguePace, progress };
      const seen = await observeNode(workOf(host), options, parts, every.signal);
      vantages.set(host.name, seen.vantage);
      targets.set(host.name, packer.pack(seen.targets));
    }),
  );
  every.throwBug();
  const inPlanOrder = new Map(hosts.map(({ name }) => [name, vantages.get(name)!]));
  return { vantages: inPlanOrder, targets, interrupted: signal.aborted };
}
