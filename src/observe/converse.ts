import type { Dialogue, DialogueSettings } from '../model/dialogue.js';
import type { Answer } from '../model/observation.js';
import { DialFailure, type Vantage } from '../model/vantage.js';
import { ProofOfLife } from '../sweep/proof-of-life.js';

/** Untried, because the run was interrupted. */
export const interruptedAnswer: Answer = { kind: 'untried', cause: 'interrupted', detail: 'the run was interrupted' };

interface Conversed {
  readonly answer: Answer;
  /** The connect time, where it connected. */
  readonly connectUs: number | undefined;
}

/**
 * Dials one port from a vantage and speaks the dialogue. Never rejects for anything the network or the service did. What
 * a connection to the node that died would look like too is believed only while the node still answers.
 */
export async function converse(
  vantage: Vantage,
  dialogue: Dialogue,
  address: string,
  port: number,
  settings: DialogueSettings,
  signal: AbortSignal,
): Promise<Conversed> {
  const conversed = await speak(vantage, dialogue, address, port, settings, signal);
  const { answer } = conversed;
  if (answer.kind !== 'silence' && (answer.kind !== 'dialogue' || answer.outcome === 'open')) return conversed;
  const dead = await new ProofOfLife(vantage, signal).wanted();
  return dead === undefined ? conversed : { answer: dead, connectUs: undefined };
}

async function speak(
  vantage: Vantage,
  dialogue: Dialogue,
  address: string,
  port: number,
  settings: DialogueSettings,
  signal: AbortSignal,
): Promise<Conversed> {
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
