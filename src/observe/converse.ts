import type { Dialogue, DialogueSettings } from '../model/dialogue.js';
import type { Answer } from '../model/observation.js';
import { DialFailure, type Vantage } from '../model/vantage.js';

/** Untried, because the run was interrupted. */
export const interruptedAnswer: Answer = { kind: 'untried', cause: 'interrupted', detail: 'the run was interrupted' };

/**
 * Dials one port from a vantage and speaks the dialogue. Returns what came back and the connect time in microseconds,
 * where it connected. Never rejects for anything the network or the service did.
 */
export async function converse(
  vantage: Vantage,
  dialogue: Dialogue,
  address: string,
  port: number,
  settings: DialogueSettings,
  signal: AbortSignal,
): Promise<{ readonly answer: Answer; readonly connectUs: number | undefined }> {
  const timeout = AbortSignal.timeout(settings.timeoutMs);
  const startedAt = performance.now();
  let stream: Awaited<ReturnType<Vantage['dial']>>;
  try {
    stream = await vantage.dial(address, port, AbortSignal.any([signal, timeout]));
  } catch (error) {
    if (error instanceof DialFailure) return { answer: error.answer, connectUs: undefined };
    if (signal.aborted) return { answer: interruptedAnswer, connectUs: undefined };
    if (timeout.aborted) return { answer: { kind: 'silence', afterMs: settings.timeoutMs }, connectUs: undefined };
    throw error;
  }
  const connectUs = (performance.now() - startedAt) * 1000;
  try {
    return { answer: await dialogue.converse(stream, settings, signal), connectUs };
  } catch (error) {
    if (signal.aborted) return { answer: interruptedAnswer, connectUs };
    throw error;
  } finally {
    stream.destroy();
  }
}
