import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import pLimit from 'p-limit';
import type { Host } from '../model/inventory.js';
import type { ListenerRecord } from '../model/listening.js';
import type { Observations, SourceObservations, VantageRecord } from '../model/observation.js';
import type { Plan, VantageWork } from '../model/plan.js';
import type { Vantage } from '../model/vantage.js';
import { DialoguePace } from './dialogue-pace.js';
import { EveryNode } from './every-node.js';
import { type NodeObservation, OpenNode, openNode } from './node.js';
import type { ObserveDependencies } from './observe.js';
import type { ObserveOptions } from './options.js';
import { Packer } from './packed.js';
import { ProgressCount } from './progress.js';
import { RateBudget } from './rate-budget.js';

/** The listeners of one node while they are up. */
export interface NodeListeners {
  readonly record: ListenerRecord;
  /** Takes them down; the record then says what they accepted. Never rejects. */
  finish(): Promise<ListenerRecord>;
  close(): Promise<void>;
}

/** The effects of observing with temporary listeners. */
export interface ProvingDependencies extends ObserveDependencies {
  /** Starts the listeners that a node is to have. Never rejects for what the node does not allow: its record says so. */
  listen(vantage: Vantage, host: Host, own: readonly string[] | undefined, signal: AbortSignal): Promise<NodeListeners>;
  workOf(host: Host, listeners: ReadonlyMap<string, ListenerRecord>): VantageWork;
}

/** Who interrupts a run waits so long for a node that may hang. */
const interruptedFinishMs = 1000;

/**
 * Logs in to every host of the plan, starts listeners on all of them, does each one's work, and takes the listeners down
 * after the last probe. All hosts stay logged in: a listener lives as long as the connection. When the signal aborts, the
 * result is what was seen so far.
 */
export async function observeProving(
  plan: Plan,
  options: ObserveOptions,
  dependencies: ProvingDependencies,
  signal: AbortSignal,
): Promise<Observations> {
  const hosts = [...plan.members.values()].filter((member): member is Host => member.kind === 'host');
  const budget = new RateBudget(options.rate, options.totalRate);
  const progress = new ProgressCount(hosts.length, plan.probes + plan.controls.length, dependencies.onProgress);
  const parts = { ...dependencies, budget, dialoguePace: new DialoguePace(budget), progress };
  const limit = pLimit(options.parallel);
  const every = new EveryNode(signal);

  const opened = await every.all(hosts, (host) => limit(() => openNode(host, parts, every.signal)));
  const nodes = opened.filter((node) => node instanceof OpenNode);
  const vantages = new Map<string, VantageRecord>();
  for (const node of opened) if (!(node instanceof OpenNode)) vantages.set(node.vantage.host, node.vantage);
  const targets = new Map<string, SourceObservations>();
  const largeLost = new Map<string, readonly string[]>();
  const records = new Map<string, ListenerRecord>();
  const packer = new Packer();
  let listening: readonly NodeListeners[] = [];
  try {
    listening = await every.all(nodes, ({ host, session, vantage }) =>
      dependencies.listen(vantage, host, session.facts.addresses, every.signal),
    );
    for (const { record } of listening) records.set(record.host, record);
    await every.all(nodes, async (node) => {
      const seen: NodeObservation = await node.observe(dependencies.workOf(node.host, records), options, every.signal);
      vantages.set(node.host.name, seen.vantage);
      targets.set(node.host.name, packer.pack(seen.targets));
      if (seen.largeLost !== undefined && seen.largeLost.length > 0) largeLost.set(node.host.name, seen.largeLost);
    });
    for (const record of await every.all(listening, (each) => finished(each, every.signal)))
      records.set(record.host, record);
  } finally {
    await every.all(listening, (each) => each.close());
    await every.all(nodes, (node) => node.close());
  }
  every.throwBug();
  const inPlanOrder = new Map(hosts.flatMap(({ name }) => (vantages.has(name) ? [[name, vantages.get(name)!]] : [])));
  return { vantages: inPlanOrder, targets, listeners: records, largeLost, interrupted: signal.aborted };
}

/** What they accepted: as good as unknown where the run is interrupted and the node does not tell soon. */
async function finished(listeners: NodeListeners, signal: AbortSignal): Promise<ListenerRecord> {
  const { record } = listeners;
  const over = new AbortController();
  const late = async () => {
    if (!signal.aborted) await once(signal, 'abort', { signal: over.signal });
    await delay(interruptedFinishMs, undefined, { signal: over.signal });
    return { ...record, error: record.error ?? 'the run was interrupted before they told what they had accepted' };
  };
  const tooLate = late();
  tooLate.catch(() => {});
  try {
    return await Promise.race([listeners.finish(), tooLate]);
  } finally {
    over.abort();
  }
}
