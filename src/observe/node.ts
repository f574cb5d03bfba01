import { isIP } from 'node:net';
import pLimit from 'p-limit';
import { sameAddress } from '../model/addresses.js';
import type { Dialogue } from '../model/dialogue.js';
import type { Host } from '../model/inventory.js';
import { type Answer, noFacts, type TargetObservation, type VantageRecord } from '../model/observation.js';
import type { DialogueItem, VantageWork } from '../model/plan.js';
import { singlePort } from '../model/port-set.js';
import type { ServiceName } from '../model/service.js';
import type { NodeSession } from '../model/sweep.js';
import { type PreAuthBudget, type Vantage, VantageFailure } from '../model/vantage.js';
import { Collector } from './collector.js';
import { converse, interruptedAnswer } from './converse.js';
import type { DialoguePace } from './dialogue-pace.js';
import { histogramOf } from './latency.js';
import { leftOutFamilies } from './left-out-families.js';
import { NodePace } from './node-pace.js';
import { NodeSweeps } from './node-sweeps.js';
import type { ObserveOptions } from './options.js';
import type { ProgressCount } from './progress.js';
import type { RateBudget } from './rate-budget.js';

// Each is a channel of the one connection; well below the 256 that sshd is asked to keep unanswered.
const dialoguesAtOnce = 16;

/** What observing one node needs from its surroundings. */
export interface NodeDependencies {
  connect(host: Host, signal: AbortSignal): Promise<Vantage>;
  openSession(vantage: Vantage, signal: AbortSignal): Promise<NodeSession>;
  readonly dialogues: ReadonlyMap<ServiceName, Dialogue>;
  readonly budget: RateBudget;
  readonly dialoguePace: DialoguePace;
  readonly preAuth: PreAuthBudget;
  readonly progress: ProgressCount;
}

export interface NodeObservation {
  readonly vantage: VantageRecord;
  readonly targets: ReadonlyMap<string, TargetObservation>;
}

/** Logs in to one host, does its work over that one connection, and logs out. Never rejects for the node's failures. */
export async function observeNode(
  work: VantageWork,
  options: ObserveOptions,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<NodeObservation> {
  const { host } = work;
  const failed = (error: string): NodeObservation => {
    dependencies.progress.add({ failed: 1, finished: 1 });
    const unknown = {
      address: undefined,
      engine: undefined,
      interpreter: undefined,
      blindSpots: [],
      notes: [],
      facts: noFacts,
    };
    const vantage: VantageRecord = { host: host.name, status: 'failed', transport: host.transport, ...unknown, error };
    return { vantage, targets: new Map() };
  };
  let vantage: Vantage | undefined;
  let session: NodeSession | undefined;
  try {
    vantage = await dependencies.connect(host, signal);
    session = await dependencies.openSession(vantage, signal);
    dependencies.progress.add({ loggedIn: 1 });
    return await new NodeRun(work, options, dependencies, vantage, session).observe(signal);
  } catch (error) {
    if (signal.aborted) return failed('the run was interrupted before the login was complete');
    if (error instanceof VantageFailure) return failed(error.message);
    throw error;
  } finally {
    await session?.close();
    await vantage?.close();
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
    const { dialogues, host } = this.work;
    const literal = dialogues.filter(({ target }) => isIP(target) !== 0);
    const named = dialogues.filter(({ target }) => isIP(target) === 0);
    const { budget, preAuth, progress } = this.dependencies;
    const { seed, timeoutMs } = this.options;
    const pace = new NodePace(budget, this.session, timeoutMs);
    const sweeps = new NodeSweeps(this.session, { seed, timeoutMs }, { collector: this.#collector, pace, progress });
    await Promise.all([sweeps.run(this.work, named, preAuth, signal), this.#converseAll(literal, signal)]);
    await this.#converseAll(named, signal);
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
        ...(relay === undefined ? [] : [relayNote(relay)]),
      ],
      error,
      facts,
    };
    return { vantage, targets: this.#collector.observations() };
  }

  /** What asking with AI_ADDRCONFIG, as programs do, leaves out of the names that were resolved here. */
  #leftOutFamilies(): string[] {
    const { dialogues, ssh, sweep } = this.work;
    const asksNames = [...dialogues, ...ssh, ...sweep].some(({ target }) => isIP(target) === 0);
    return asksNames ? leftOutFamilies(this.session.facts.addresses) : [];
  }

  async #converseAll(items: readonly DialogueItem[], signal: AbortSignal): Promise<void> {
    const limit = pLimit(dialoguesAtOnce);
    const pending = items.flatMap((item) => {
      const addresses = isIP(item.target) === 0 ? this.#collector.addressesOf(item.target) : [item.target];
      return addresses.map((address) => limit(() => this.#converse(item, address, signal)));
    });
    await Promise.all(pending);
  }

  async #converse(item: DialogueItem, address: string, signal: AbortSignal): Promise<void> {
    const ports = singlePort(item.port);
    const { answer, connectUs } = await this.#dialogueAnswer(item, address, signal);
    this.#collector.answers(item.target, address, ports, answer);
    if (connectUs !== undefined) {
      this.#collector.latency(item.target, address, undefined, ports, histogramOf([connectUs]));
    }
    this.dependencies.progress.add({ answered: 1 });
  }

  async #dialogueAnswer(
    { port, service, allowOwnAddress }: DialogueItem,
    address: string,
    signal: AbortSignal,
  ): Promise<{ answer: Answer; connectUs: number | undefined }> {
    const untried = (answer: Answer) => ({ answer, connectUs: undefined });
    if (signal.aborted) return untried(interruptedAnswer);
    if (this.#lost !== undefined)
      return untried({ kind: 'untried', cause: 'connection-lost', detail: this.#lost.message });
    // Kept from the sweep: the name could not even be resolved.
    if (isIP(address) === 0)
      return untried({ kind: 'untried', cause: 'no-engine', detail: `${address} was not resolved on the node` });
    if (!allowOwnAddress && this.session.facts.addresses?.some((own) => sameAddress(own, address)))
      return untried({ kind: 'untried', cause: 'own-address', detail: `${address} is the source's own address` });
    const dialogue = this.dependencies.dialogues.get(service);
    if (dialogue === undefined) throw new Error(`no dialogue for service ${service}`);
    try {
      await this.dependencies.dialoguePace.take(address, signal);
    } catch {
      return untried(interruptedAnswer);
    }
    const settings = { timeoutMs: this.options.timeoutMs, user: this.options.mysqlUser };
    return converse(this.vantage, dialogue, address, port, settings, signal);
  }
}
