import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import pLimit from 'p-limit';
import { tokenDigits } from '../model/listening.js';
import type { Answer } from '../model/observation.js';
import type { VantageWork, WorkItem } from '../model/plan.js';
import { eachPort, intersectPorts, singlePort } from '../model/port-set.js';
import type { NodeSession } from '../model/sweep.js';
import { Dialler } from '../sweep/dialler.js';
import { letGo } from '../sweep/let-go.js';
import type { DialogueDependencies, NodeParts } from './node-dialogues.js';
import type { ObserveOptions } from './options.js';

const atOnce = 16;
const saidLength = 24;

/** Whoever says more in one line is not ours, and need not be heard out. */
const longestAnswer = tokenDigits + ' 65535\n'.length;
const highestPort = 65_535;

/** Says the token to temporary listeners over dialled connections, where the engine of a node cannot do it while it sweeps. */
export class TokenQuestions {
  readonly #node: NodeParts;
  readonly #options: ObserveOptions;
  readonly #dependencies: Pick<DialogueDependencies, 'dialoguePace'>;
  readonly #limit = pLimit(atOnce);

  constructor(node: NodeParts, options: ObserveOptions, dependencies: Pick<DialogueDependencies, 'dialoguePace'>) {
    this.#node = node;
    this.#options = options;
    this.#dependencies = dependencies;
  }

  /** Asks where the sweep connected. Rejects on a bug only. */
  async run(
    { sweep, token }: VantageWork,
    { asksTokens }: Pick<NodeSession, 'asksTokens'>,
    signal: AbortSignal,
  ): Promise<void> {
    if (token === undefined || asksTokens) return;
    const dialler = new Dialler(this.#node.vantage, signal);
    const items = sweep.filter(({ ask }) => ask);
    await Promise.all(items.flatMap((item) => this.#askItem(item, token, dialler, signal)));
  }

  #askItem({ ports, target }: WorkItem, token: string, dialler: Dialler, signal: AbortSignal): Promise<void>[] {
    const { collector } = this.#node;
    return collector.addressesOf(target).flatMap((address) =>
      [...eachPort(intersectPorts(ports, collector.connectedPorts(target, address)))].map((port) =>
        this.#limit(async () => {
          if (signal.aborted) return;
          await this.#dependencies.dialoguePace.take(address, signal).catch(() => {});
          const dialled = await dialler.dial(address, port, this.#options.timeoutMs);
          if (dialled.kind === 'answer') return;
          const answer = await this.#ask(dialled.stream, token, port, signal);
          const dead = answer.kind === 'token' ? undefined : await dialler.alive();
          collector.answers(target, address, singlePort(port), dead ?? answer);
        }),
      ),
    );
  }

  async #ask(stream: Duplex, token: string, port: number, signal: AbortSignal): Promise<Answer> {
    let heard = '';
    let broken = false;
    stream.on('data', (chunk: Buffer) => {
      heard += chunk.toString('latin1');
      if (heard.includes('\n') || heard.length > longestAnswer) stream.emit('answered');
    });
    stream.on('error', () => {
      broken = true;
    });
    const over = new AbortController();
    const patience = AbortSignal.any([signal, over.signal, AbortSignal.timeout(this.#options.timeoutMs)]);
    const ends = ['answered', 'end', 'close'].map((event) => once(stream, event, { signal: patience }));
    stream.write(`${token}\n`);
    await Promise.race(ends).catch(() => {});
    over.abort();
    await Promise.allSettled(ends);
    const silent = !stream.readableEnded && !stream.destroyed && !broken;
    await letGo(stream);
    return answerOf(heard, port) ?? { kind: 'tokenless', how: broken ? 'reset' : silent ? 'silent' : 'closed' };
  }
}

/** What a listener's line says; undefined where nothing was said. */
function answerOf(heard: string, port: number): Answer | undefined {
  if (heard === '') return undefined;
  const [, answer, said] = new RegExp(`^([0-9a-f]{${tokenDigits}}) (\\d{1,5})\\n`).exec(heard) ?? [];
  if (answer === undefined || Number(said) > highestPort)
    return { kind: 'tokenless', how: 'stranger', said: heard.slice(0, saidLength).replaceAll(/[^\x20-\x7e]/g, '·') };
  return Number(said) === port ? { kind: 'token', answer } : { kind: 'token', answer, port: Number(said) };
}
