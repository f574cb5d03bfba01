import { randomBytes } from 'node:crypto';
import { openListeners } from '../listen/session.js';
import type { Host } from '../model/inventory.js';
import {
  ListenerFailure,
  type ListenerRecord,
  type ListenerSession,
  type ListenItem,
  type PortSettings,
  tokenDigits,
} from '../model/listening.js';
import { type Vantage, VantageFailure } from '../model/vantage.js';
import type { NodeListeners } from '../observe/proving.js';
import { listenItems, type WantedPorts } from '../plan/wanted-ports.js';

/** Hexadecimal digits that nobody can guess. */
export function secretWord(): string {
  return randomBytes(tokenDigits / 2).toString('hex');
}

const usualUnprivilegedStart = 1024;

/** What the listeners of one run share. */
export interface RunTerms {
  /** The word that every probe of the run says. */
  readonly run: string;
  /** Seconds after which they end by themselves. */
  readonly limitSeconds: number;
}

/** Enough for retries and slow answers of a run that is reckoned to take so long, and for every shorter one. */
export function listenersLast(reckonedSeconds: number): number {
  return Math.max(leastLimitSeconds, Math.ceil(reckonedSeconds * 3));
}

const leastLimitSeconds = 3600;

/**
 * Starts the temporary listeners of one node: as root by `sudo -n` where that is allowed and a wanted port needs it. What the
 * node does not allow is in the record, in words. Rejects on a bug, and with the signal's reason.
 */
export async function startListeners(
  vantage: Vantage,
  host: Host,
  wanted: readonly WantedPorts[],
  own: readonly string[] | undefined,
  { limitSeconds, run }: RunTerms,
  signal: AbortSignal,
): Promise<NodeListeners> {
  const answer = secretWord();
  const items = listenItems(wanted, own);
  const idle: ListenerRecord = {
    ...{ host: host.name, items, answer, interpreter: undefined, settings: undefined },
    ...{ binds: [], holders: [], accepts: [], withoutRoot: undefined, error: undefined },
  };
  if (items.length === 0) return without(idle);
  let session: ListenerSession | undefined;
  try {
    const opened = await open(vantage, host, items, { run, answer, limitSeconds }, signal);
    session = opened.session;
    const prepared = await session.prepare(items, signal);
    const { interpreter, settings } = session;
    return up({ ...idle, ...prepared, interpreter, settings, withoutRoot: opened.withoutRoot }, session);
  } catch (error) {
    await session?.close();
    if (signal.aborted) return without({ ...idle, error: 'the run was interrupted' });
    if (error instanceof ListenerFailure || error instanceof VantageFailure)
      return without({ ...idle, error: error.message });
    throw error;
  }
}

interface Opened {
  readonly session: ListenerSession;
  /** Why it does not run as root, where it should. */
  readonly withoutRoot: string | undefined;
}

async function open(
  vantage: Vantage,
  { sudo }: Host,
  items: readonly ListenItem[],
  words: RunTerms & { readonly answer: string },
  signal: AbortSignal,
): Promise<Opened> {
  const session = await openListeners(vantage, { ...words, sudo: false }, signal);
  if (!sudo || !wantsRoot(items, session.settings)) return { session, withoutRoot: undefined };
  try {
    const asRoot = await openListeners(vantage, { ...words, sudo: true }, signal);
    await session.close();
    return { session: asRoot, withoutRoot: undefined };
  } catch (error) {
    if (error instanceof ListenerFailure) return { session, withoutRoot: error.message };
    await session.close();
    throw error;
  }
}

/** Whether one of the ports can be bound by root only, and it is not root who would. */
function wantsRoot(items: readonly ListenItem[], { uid, unprivilegedPortStart }: PortSettings): boolean {
  const start = unprivilegedPortStart ?? usualUnprivilegedStart;
  return uid !== 0 && items.some(({ ports }) => (ports[0]?.[0] ?? start) < start);
}

function without(record: ListenerRecord): NodeListeners {
  return { record, finish: async () => record, close: async () => {} };
}

function up(record: ListenerRecord, session: ListenerSession): NodeListeners {
  return {
    record,
    async finish() {
      const { accepts, error } = await session.finish();
      return { ...record, accepts, error };
    },
    close: () => session.close(),
  };
}
