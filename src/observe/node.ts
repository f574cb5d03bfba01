import { isIP } from 'node:net';
import type { HostKeyProblem } from '../model/host-key-problem.js';
import type { Host } from '../model/inventory.js';
import { noFacts, type TargetObservation, type VantageRecord } from '../model/observation.js';
import type { VantageWork } from '../model/plan.js';
import type { NodeSession } from '../model/sweep.js';
import { type Vantage, VantageFailure } from '../model/vantage.js';
import { Collector } from './collector.js';
import { leftOutFamilies } from './left-out-families.js';
import { type DialogueDependencies, dialledName, NodeDialogues } from './node-dialogues.js';
import { NodePace } from './node-pace.js';
import { NodeSweeps } from './node-sweeps.js';
import type { ObserveOptions } from './options.js';
import type { ProgressCount } from './progress.js';
import type { RateBudget } from './rate-budget.js';
import { TokenQuestions } from './token-questions.js';

/** What observing one node needs from its surroundings. */
export interface NodeDependencies extends DialogueDependencies {
  connect(host: Host, signal: AbortSignal): Promise<Vantage>;
  openSession(vantage: Vantage, signal: AbortSignal): Promise<NodeSession>;
  readonly budget: RateBudget;
  readonly progress: ProgressCount;
}

export interface NodeObservation {
  readonly vantage: VantageRecord;
  readonly targets: ReadonlyMap<string, TargetObservation>;
  /** Addresses whose listeners answered, but not to a large payload. */
  readonly largeLost?: readonly string[];
}

/** Logs in to one host, does its work over that one connection, and logs out. Never rejects for the node's failures. */
export async function observeNode(
  work: VantageWork,
  options: ObserveOptions,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<NodeObservation> {
  const node = await openNode(work.host, dependencies, signal);
  if (!(node instanceof OpenNode)) return node;
  try {
    return await node.observe(work, options, signal);
  } finally {
    await node.close();
  }
}

/** Logs in to one host and starts its engine; the record of a node without, where that fails. Rejects on a bug only. */
export async function openNode(
  host: Host,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<OpenNode | NodeObservation> {
  let vantage: Vantage | undefined;
  try {
    vantage = await dependencies.connect(host, signal);
    const session = await dependencies.openSession(vantage, signal);
    dependencies.progress.add({ loggedIn: 1 });
    return new OpenNode(host, dependencies, vantage, session);
  } catch (error) {
    await vantage?.close();
    if (!signal.aborted && !(error instanceof VantageFailure)) throw error;
    dependencies.progress.add({ failed: 1, finished: 1 });
    return {
      vantage: signal.aborted
        ? failedRecord(host, 'the run was interrupted before the login was complete', undefined)
        : failedRecord(host, (error as VantageFailure).message, (error as VantageFailure).hostKeyProblem),
      targets: new Map(),
    };
  }
}

function failedRecord(host: Host, error: string, problem: HostKeyProblem | undefined): VantageRecord {
  const unknown = {
    address: undefined,
    engine: undefined,
    interpreter: undefined,
    blindSpots: [],
    notes: [],
    facts: noFacts,
  };
  const doubt = problem === undefined ? {} : { hostKeyDoubt: { kind: problem, said: error } };
  return { host: host.name, status: 'failed', transport: host.transport, ...unknown, ...doubt, error };
}

/** A node that is logged in to, with its engine running. */
export class OpenNode {
  readonly #dependencies: NodeDependencies;

  constructor(
    readonly host: Host,
    dependencies: NodeDependencies,
    readonly vantage: Vantage,
    readonly session: NodeSession,
  ) {
    this.#dependencies = dependencies;
  }

  /** Does the node's work. Never rejects for the node's failures. */
  observe(work: VantageWork, options: ObserveOptions, signal: AbortSignal): Promise<NodeObservation> {
    return new NodeRun(work, options, this.#dependencies, this.vantage, this.session).observe(signal);
  }

  /** Ends the engine and logs out. */
  async close(): Promise<void> {
    await this.session.close();
    await this.vantage.close();
  }
}

function relayNote(interpreter: string): string {
  return `connections that need a conversation were made by a relay on the node (${interpreter}), not by sshd`;
}

/** The work of one logged-in node. */
class NodeRun {
  readonly #collector = new Collector();
  #lost: VantageFailure | undefined;

  constructor(
    readonly work: VantageWork,
    readonly options: ObserveOptions,
    readonly dependencies: NodeDependencies,
    readonly vantage: Vantage,
    readonly session: NodeSession,
  ) {
    void vantage.lost.then((failure) => {
      this.#lost = failure;
    });
  }

  async observe(signal: AbortSignal): Promise<NodeObservation> {
    const { host, dialogues: items } = this.work;
    const { budget, preAuth, progress } = this.dependencies;
    const { seed, timeoutMs } = this.options;
    const pace = new NodePace(budget, this.session, timeoutMs);
    const sweeps = new NodeSweeps(this.session, { seed, timeoutMs }, { collector: this.#collector, pace, progress });
    const dialogues = new NodeDialogues(this.#parts(), this.options, this.dependencies);
    const untouched = items.filter(({ unlessOpen }) => unlessOpen.length === 0);
    const first = untouched.filter(({ after }) => after === undefined);
    const second = untouched.filter(({ after }) => after !== undefined);
    const later = items.filter(({ unlessOpen }) => unlessOpen.length > 0);
    const atOnce = first.filter((item) => !item.sweptFirst && isIP(dialledName(item)) !== 0);
    const afterSweep = first.filter((item) => !atOnce.includes(item));
    const names = new Set(items.map(dialledName).filter((name) => isIP(name) === 0));
    await Promise.all([
      sweeps.run(this.work, names, preAuth, () => dialogues.run(afterSweep, signal), signal),
      dialogues.run(atOnce, signal),
    ]);
    await dialogues.run(second, signal);
    await dialogues.run(later, signal);
    await new TokenQuestions(this.#parts(), this.options, this.dependencies).run(this.work, this.session, signal);
    const asked = new Set(this.work.sweep.filter(({ ask }) => ask).map(({ target }) => target));
    const largeLost = await sweeps.loseLarge(asked, signal);
    progress.add({ finished: 1 });
    const { blindSpots, engine, facts, interpreter } = this.session;
    const { login, relay, transport } = this.vantage;
    const error = this.#lost?.message;
    const status = this.#lost === undefined ? 'ready' : 'lost';
    const vantage: VantageRecord = {
      host: host.name,
      status,
      transport,
      address: login?.address,
      engine,
      interpreter,
      blindSpots,
      notes: [
        ...(login?.notes ?? []),
        ...this.#leftOutFamilies(),
        ...pace.notes,
        ...(this.session.notes ?? []),
        ...(relay === undefined ? [] : [relayNote(relay)]),
      ],
      ...(login?.hostKeyDoubt === undefined ? {} : { hostKeyDoubt: login.hostKeyDoubt }),
      error,
      facts,
    };
    return { vantage, targets: this.#collector.observations(), largeLost };
  }

  /** What asking with AI_ADDRCONFIG, as programs do, leaves out of the names that were resolved here. */
  #leftOutFamilies(): string[] {
    const { dialogues, ssh, sweep } = this.work;
    const dialled = [...dialogues.map(dialledName), ...[...ssh, ...sweep].map(({ target }) => target)];
    const asksNames = dialled.some((name) => isIP(name) === 0);
    return asksNames ? leftOutFamilies(this.session.facts.addresses) : [];
  }

  #parts() {
    return {
      vantage: this.vantage,
      collector: this.#collector,
      progress: this.dependencies.progress,
      ownAddresses: this.session.facts.addresses,
      lost: () => this.#lost,
    };
  }
}
