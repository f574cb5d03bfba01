import { isIP } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import pLimit from 'p-limit';
import { sameAddress } from '../model/addresses.js';
import type { Dialogue, Materials, Transcript } from '../model/dialogue.js';
import type { Answer, PhaseTimes } from '../model/observation.js';
import type { DialogueItem } from '../model/plan.js';
import { eachPort, intersectPorts, overlapPorts, type PortSet, singlePort } from '../model/port-set.js';
import type { ServiceName } from '../model/service.js';
import type { PreAuthBudget, Vantage, VantageFailure } from '../model/vantage.js';
import type { Collector } from './collector.js';
import { converse, interruptedAnswer } from './converse.js';
import type { DialoguePace } from './dialogue-pace.js';
import { histogramOf } from './latency.js';
import type { ObserveOptions } from './options.js';
import type { ProgressCount } from './progress.js';

// Each is a channel of the one connection; well below the 256 that sshd is asked to keep unanswered.
const dialoguesAtOnce = 16;

/** One dialogue of a run. */
export interface DialogueAt {
  readonly source: string;
  readonly target: string;
  readonly address: string;
  readonly port: number;
  /** The service's key. */
  readonly service: string;
}

/** What the dialogues of every node need. */
export interface DialogueDependencies {
  readonly dialogues: ReadonlyMap<ServiceName, Dialogue>;
  readonly dialoguePace: DialoguePace;
  /** The same that the logins ask. */
  readonly preAuth: PreAuthBudget;
  readonly materials: Materials;
  /** Who listens in on a dialogue. */
  transcriptOf(dialogue: DialogueAt): Transcript;
}

interface NodeParts {
  readonly vantage: Vantage;
  readonly collector: Collector;
  readonly progress: ProgressCount;
  readonly ownAddresses: readonly string[] | undefined;
  lost(): VantageFailure | undefined;
}

/** The dialogues of one node, and where their answers go. */
export class NodeDialogues {
  readonly #node: NodeParts;
  readonly #options: ObserveOptions;
  readonly #dependencies: DialogueDependencies;
  readonly #limit = pLimit(dialoguesAtOnce);

  constructor(node: NodeParts, options: ObserveOptions, dependencies: DialogueDependencies) {
    this.#node = node;
    this.#options = options;
    this.#dependencies = dependencies;
  }

  /** Holds the dialogues of items whose names, where they have any, are resolved, and whose sweeps are over. */
  async run(items: readonly DialogueItem[], signal: AbortSignal): Promise<void> {
    const { collector } = this.#node;
    const needed = items.filter(({ unlessOpen, target }) => !overlapPorts(unlessOpen, collector.openPorts(target)));
    await Promise.all(
      needed.flatMap((item) => {
        const addresses = isIP(item.target) === 0 ? collector.addressesOf(item.target) : [item.target];
        return addresses.flatMap((address) => this.#speakTo(item, address, signal));
      }),
    );
  }

  #speakTo(item: DialogueItem, address: string, signal: AbortSignal): Promise<void>[] {
    const { collector } = this.#node;
    const ports: PortSet = item.sweptFirst
      ? intersectPorts(item.ports, collector.connectedPorts(item.target, address))
      : item.ports;
    let identified = false;
    return [...eachPort(ports)].map((port) =>
      this.#limit(async () => {
        if (item.anyPort && identified) return;
        const answer = await this.#converse(item, address, port, signal);
        identified ||= answer.kind === 'dialogue' && answer.outcome === 'open';
      }),
    );
  }

  async #converse(item: DialogueItem, address: string, port: number, signal: AbortSignal): Promise<Answer> {
    const { collector, progress } = this.#node;
    const { service, sweptFirst, target } = item;
    const { answer, connectUs, phases } = await this.#answer(item, address, port, signal);
    const resolve = collector.resolveMs(target);
    const times = resolve === undefined ? phases : { resolve, ...phases };
    if (!sweptFirst) {
      if (!collector.hasSpoken(target, address, port)) progress.add({ answered: 1 });
      if (connectUs !== undefined)
        collector.latency(target, address, undefined, singlePort(port), histogramOf([connectUs]));
    }
    collector.spoke(target, address, { port, service: service.key, answer, phases: times });
    return answer;
  }

  async #answer(
    { service, target, allowOwnAddress, sshd }: DialogueItem,
    address: string,
    port: number,
    signal: AbortSignal,
  ): Promise<{ answer: Answer; connectUs: number | undefined; phases: PhaseTimes }> {
    const { vantage, ownAddresses } = this.#node;
    const untried = (answer: Answer) => ({ answer, connectUs: undefined, phases: {} });
    if (signal.aborted) return untried(interruptedAnswer);
    const lost = this.#node.lost();
    if (lost !== undefined) return untried({ kind: 'untried', cause: 'connection-lost', detail: lost.message });
    // Kept from the sweep: the name could not even be resolved.
    if (isIP(address) === 0)
      return untried({ kind: 'untried', cause: 'no-engine', detail: `${address} was not resolved on the node` });
    if (!allowOwnAddress && ownAddresses?.some((own) => sameAddress(own, address)))
      return untried({ kind: 'untried', cause: 'own-address', detail: `${address} is the source's own address` });
    const { dialogues, materials, dialoguePace, transcriptOf } = this.#dependencies;
    const dialogue = dialogues.get(service.name);
    if (dialogue === undefined) throw new Error(`no dialogue for service ${service.name}`);
    try {
      await dialoguePace.take(address, signal);
      if (sshd !== undefined) await this.#leaveOf(sshd, signal);
    } catch {
      return untried(interruptedAnswer);
    }
    const { mysqlUser, timeoutMs } = this.#options;
    const transcript = transcriptOf({ source: vantage.host, target, address, port, service: service.key });
    const context = { target, address, port, timeoutMs, mysqlUser, materials, transcript, signal };
    return converse(vantage, dialogue, service.settings, context);
  }

  /** An sshd counts the dialogue among the connections that end before authentication. */
  async #leaveOf(sshd: string, signal: AbortSignal): Promise<void> {
    for (;;) {
      const wait = this.#dependencies.preAuth.tryTake(sshd);
      if (wait === 0) return;
      await delay(wait, undefined, { signal });
    }
  }
}
