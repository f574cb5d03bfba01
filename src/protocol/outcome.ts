import type { Said } from '../model/dialogue.js';
import type { DialogueProblem } from '../model/observation.js';
import type { ServiceName } from '../model/service.js';
import type { Conversation, Unheard } from './conversation.js';
import { describeStranger } from './stranger.js';

/** The service said who it is. `detail`: what was seen, in one clause. `warning`: makes a pass a `warn`. */
export function identified(service: ServiceName, detail: string, warning?: string): Said {
  return { kind: 'dialogue', service, outcome: 'open', detail, ...(warning === undefined ? {} : { warning }) };
}

/** The service does not do what was asked of it, or somebody else answers in its place. */
export function mismatch(service: ServiceName, detail: string, problem: DialogueProblem = 'answer'): Said {
  return { kind: 'dialogue', service, outcome: 'mismatch', detail, problem };
}

/** The other side went away before it said anything of use; `when`: "after the TLS handshake". */
export function closedEarly(service: ServiceName, when = 'before anything was said'): Said {
  return { kind: 'dialogue', service, outcome: 'reset', detail: `connected, then closed ${when}` };
}

/**
 * What it means that nothing was understood: closed without a word is a reset; silence and a stranger's words are a
 * mismatch. `expected`: "Redis answers PING", for "where Redis answers PING".
 */
export async function notUnderstood(
  service: ServiceName,
  conversation: Conversation,
  { kind, bytes }: Unheard,
  expected: string,
): Promise<Said> {
  if (bytes.length > 0) return strange(service, conversation);
  if (kind === 'closed') return closedEarly(service);
  return mismatch(
    service,
    `connected, then silent for ${seconds(conversation.elapsedMs)}, where ${expected}`,
    'silent',
  );
}

/** Somebody speaks another protocol: says which, by the bytes that were not understood. */
export async function strange(service: ServiceName, conversation: Conversation): Promise<Said> {
  return mismatch(service, describeStranger(await conversation.firstLine()), 'stranger');
}

/** `3.5 s`, to a tenth. */
export function seconds(ms: number): string {
  return `${Number((ms / 1000).toFixed(1))} s`;
}
