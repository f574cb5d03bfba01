import type { Duplex } from 'node:stream';
import type { Dialogue, DialogueSettings } from '../model/dialogue.js';
import type { Answer } from '../model/observation.js';
import type { Vantage } from '../model/vantage.js';
import { Dialler } from '../sweep/dialler.js';

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
  const dialler = new Dialler(vantage, signal);
  const dialled = await dialler.dial(address, port, settings.timeoutMs);
  if (dialled.kind === 'answer') return { answer: dialled.answer, connectUs: undefined };
  const answer = await speak(dialled.stream, dialogue, settings, signal);
  if (answer.kind !== 'dialogue' || answer.outcome === 'open') return { answer, connectUs: dialled.afterUs };
  const dead = await dialler.alive();
  return dead === undefined ? { answer, connectUs: dialled.afterUs } : { answer: dead, connectUs: undefined };
}

async function speak(
  stream: Duplex,
  dialogue: Dialogue,
  settings: DialogueSettings,
  signal: AbortSignal,
): Promise<Answer> {
  try {
    return await dialogue.converse(stream, settings, signal);
  } catch (error) {
    if (signal.aborted) return interruptedAnswer;
    throw error;
  } finally {
    stream.destroy();
  }
}
