import { isIP } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import pLimit from 'p-limit';
import { sameAddress } from '../model/addresses.js';
import type { ConnectThrough, Dialogue, Materials, Transcript } from '../model/dialogue.js';
import { type Answer, deniesService, isIdentified, type PhaseTimes } from '../model/observation.js';
import type { DialogueItem } from '../model/plan.js';
import { eachPort, intersectPorts, overlapPorts, type PortSet, singlePort } from '../model/port-set.js';
import type { HttpProxy } from '../model/proxy.js';
import type { ServiceName } from '../model/service.js';
import type { PreAuthBudget, Vantage, VantageFailure } from '../model/vantage.js';
import { interrupted } from '../sweep/remainder.js';
import type { Collector } from './collector.js';
import { converse, type Way } from './converse.js';
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
  /** The service's key; undefined where a connection through a proxy is all that is asked for. */
  readonly service: string | undefined;
}

/** What the dialogues of every node need. */
export interface DialogueDependencies {
  readonly dialogues: ReadonlyMap<ServiceName, Dialogue>;
  readonly dialoguePace: DialoguePace;
  /** The same that the logins ask. */
  readonly preAuth: PreAuthBudget;
  readonly materials: Materials;
  readonly connectThrough: ConnectThrough;
  /** Who listens in on a dialogue. */
  transcriptOf(dialogue: DialogueAt): Transcript;
}

interface Answered {
  readonly answer: Answer;
  readonly connectUs: number | undefined;
  readonly phases: PhaseTimes;
  /** The literal that was dialled. */
  readonly dialled: string | undefined;
}

export interface NodeParts {
  readonly vantage: Vantage;
  readonly collector: Collector;
  readonly progress: ProgressCount;
  readonly ownAddresses: readonly string[] | undefined;
  lost(): VantageFailure | undefined;
}

/** The name or literal that is dialled for an item: its target's, or the proxy's. */
export function dialledName({ target, via }: DialogueItem): string {
  return via?.host ?? target;
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
      needed.flatMap((item) => this.#addressesOf(item).flatMap((address) => this.#speakTo(item, address, signal))),
    );
  }

  #addressesOf({ target, via }: DialogueItem): readonly string[] {
    const { collector } = this.#node;
    if (via === undefined) return isIP(target) === 0 ? collector.addressesOf(target) : [target];
    const failure = isIP(via.host) === 0 ? collector.nameFailureOf(via.host) : undefined;
    if (failure === undefined) return [target];
    // The target's own name is none of the node's business.
    collector.nameFailure(target, failure);
    return [];
  }

  #speakTo(item: DialogueItem, address: string, signal: AbortSignal): Promise<void>[] {
    const { collector } = this.#node;
    const { after, target } = item;
    const ports: PortSet = item.sweptFirst
      ? intersectPorts(item.ports, collector.connectedPorts(target, address))
      : item.ports;
    const isWanted = (port: number) => {
      const first = after === undefined ? undefined : collector.answerTo(after, target, address, port);
      return after === undefined || (first !== undefined && deniesService(first));
    };
    let identified = false;
    return [...eachPort(ports)].filter(isWanted).map((port) =>
      this.#limit(async () => {
        if (item.anyPort && identified) return;
        const answer = await this.#converse(item, address, port, signal);
        identified ||= isIdentified(answer);
      }),
    );
  }

  async #converse(item: DialogueItem, address: string, port: number, signal: AbortSignal): Promise<Answer> {
    const { collector, progress } = this.#node;
    const { service, sweptFirst, target, via } = item;
    const { answer, connectUs, phases, dialled } = await this.#answer(item, address, port, signal);
    const resolve = collector.resolveMs(dialledName(item));
    const times = resolve === undefined ? phases : { resolve, ...phases };
    if (!sweptFirst) {
      if (!collector.hasSpoken(target, address, port)) progress.add({ answered: 1 });
      if (connectUs !== undefined)
        collector.latency(target, address, undefined, singlePort(port), histogramOf([connectUs]));
    }
    const used = via === undefined ? {} : { via: { authority: via.authority, address: dialled } };
    collector.spoke(target, address, { port, service: service?.key, answer, phases: times, ...used });
    return answer;
  }

  async #answer(item: DialogueItem, address: string, port: number, signal: AbortSignal): Promise<Answered> {
    const { ownAddresses } = this.#node;
    const { allowOwnAddress, via } = item;
    const untried = (answer: Answer) => ({ answer, connectUs: undefined, phases: {}, dialled: undefined });
    if (signal.aborted) return untried(interrupted);
    const lost = this.#node.lost();
    if (lost !== undefined) return untried({ kind: 'untried', cause: 'connection-lost', detail: lost.message });
    const ways = this.#waysTo(address, port, via);
    // Kept from the sweep: the name could not even be resolved.
    if (ways.length === 0) {
      const detail = `${dialledName(item)} was not resolved on the node`;
      return untried({ kind: 'untried', cause: 'no-engine', detail });
    }
    if (via === undefined && !allowOwnAddress && ownAddresses?.some((own) => sameAddress(own, address)))
      return untried({ kind: 'untried', cause: 'own-address', detail: `${address} is the source's own address` });
    let answered: Answered;
    // Of a proxy's addresses the first that takes the connection: any other would do as well.
    do answered = await this.#ask(item, ways.shift()!, address, port, signal);
    while (ways.length > 0 && (answered.answer.kind === 'error' || answered.answer.kind === 'silence'));
    return answered;
  }

  #waysTo(address: string, port: number, via: HttpProxy | undefined): Way[] {
    if (via === undefined) return isIP(address) === 0 ? [] : [{ address, port, tunnel: undefined }];
    const tunnel = { authority: via.authority, connectThrough: this.#dependencies.connectThrough };
    const literals = isIP(via.host) === 0 ? this.#node.collector.addressesOf(via.host) : [via.host];
    return literals
      .filter((literal) => isIP(literal) !== 0)
      .map((literal) => ({ address: literal, port: via.port, tunnel }));
  }

  async #ask(
    { service, target, sshd }: DialogueItem,
    way: Way,
    address: string,
    port: number,
    signal: AbortSignal,
  ): Promise<Answered> {
    const { vantage } = this.#node;
    const { dialogues, materials, dialoguePace, transcriptOf } = this.#dependencies;
    const dialogue = service && dialogues.get(service.name);
    if (service !== undefined && dialogue === undefined) throw new Error(`no dialogue for service ${service.name}`);
    try {
      await dialoguePace.take(way.address, signal);
      if (sshd !== undefined) await this.#leaveOf(sshd, signal);
    } catch {
      return { answer: interrupted, connectUs: undefined, phases: {}, dialled: undefined };
    }
    const { mysqlUser, timeoutMs } = this.#options;
    const transcript = transcriptOf({ source: vantage.host, target, address, port, service: service?.key });
    const context = { target, address, port, timeoutMs, mysqlUser, materials, transcript, signal };
    const question = dialogue && { dialogue, settings: service.settings };
    return { ...(await converse(vantage, way, question, context)), dialled: way.address };
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
