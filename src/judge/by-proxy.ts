import type { ProxyUsed, Spoken } from '../model/observation.js';
import type { OutcomeStatus } from '../model/report.js';
import type { Expectation } from '../model/scenario.js';
import { type AnswerContext, type Classified, classify } from './classify.js';

/** Says which outcome the answer to a connection is that a proxy was to make, and which proxy that was. */
export function classifyByProxy({ answer }: Spoken, via: ProxyUsed, context: AnswerContext): Classified {
  if (answer.kind === 'dialogue' || answer.kind === 'connected')
    return byProxy(via.authority, classify(answer, context));
  // The dial to the proxy failed: what was seen is the proxy's address, by `dial`, which reads no error queue.
  const ofProxy = { ...context, address: via.address ?? '', addressAnswered: false, engine: undefined };
  const dialled = classify(answer, ofProxy);
  return byProxy(via.authority, answer.kind === 'untried' ? dialled : { ...dialled, problem: 'proxy' });
}

/** Names the proxy in the reason. */
export function byProxy(authority: string, classified: Classified): Classified {
  const by = `by proxy ${authority}`;
  return { ...classified, reason: classified.reason === null ? by : `${by}: ${classified.reason}` };
}

/**
 * What it means that there is no tunnel, for a flow that asks for less than `open`. A denial by the network is not proven:
 * nothing was sent to the destination from here. That a path is there is not proven either, and disproven only where the
 * proxy itself is not reached.
 */
export function withoutTunnel(reached: boolean, expect: Expectation): { status: OutcomeStatus; note?: string } {
  if (expect === 'open' || (expect === 'reachable' && !reached)) return { status: 'fail' };
  const what = expect === 'reachable' ? 'the path beyond it is open' : 'the network denies anything';
  return { status: 'unknown', note: `without a connection by the proxy nothing shows whether ${what}` };
}
