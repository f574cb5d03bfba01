import type { Duplex } from 'node:stream';
import type { Dialogue, DialogueContext, DialoguePhase, Transcript } from '../model/dialogue.js';
import type { Answer, PhaseTimes } from '../model/observation.js';
import type { ServiceSettings } from '../model/service.js';
import type { Vantage } from '../model/vantage.js';
import { Dialler } from '../sweep/dialler.js';

/** Untried, because the run was interrupted. */
export const interruptedAnswer: Answer = { kind: 'untried', cause: 'interrupted', detail: 'the run was interrupted' };

interface Conversed {
  readonly answer: Answer;
  /** The connect time, where it connected. */
  readonly connectUs: number | undefined;
  readonly phases: PhaseTimes;
}

/**
 * Dials one port from a vantage and speaks the dialogue. Never rejects for anything the network or the service did. What
 * a connection to the node that died would look like too is believed only while the node still answers.
 */
export async function converse(
  vantage: Vantage,
  dialogue: Dialogue,
  settings: ServiceSettings,
  context: DialogueContext,
): Promise<Conversed> {
  const { address, port, signal, timeoutMs } = context;
  const clock = new PhaseClock(context.transcript);
  const dialler = new Dialler(vantage, signal);
  const dialled = await dialler.dial(address, port, timeoutMs);
  if (dialled.kind === 'answer') return { answer: dialled.answer, connectUs: undefined, phases: {} };
  clock.note(`connected in ${(dialled.afterUs / 1000).toFixed(1)} ms`);
  const answer = await speak(dialled.stream, dialogue, settings, { ...context, transcript: clock });
  const connected = { connectUs: dialled.afterUs, phases: { connect: dialled.afterUs / 1000, ...clock.times } };
  if (answer.kind !== 'dialogue' || answer.outcome === 'open') return { answer, ...connected };
  const dead = await dialler.alive();
  return dead === undefined ? { answer, ...connected } : { answer: dead, connectUs: undefined, phases: {} };
}

async function speak(
  stream: Duplex,
  dialogue: Dialogue,
  settings: ServiceSettings,
  context: DialogueContext,
): Promise<Answer> {
  try {
    return await dialogue.converse(stream, settings, context);
  } catch (error) {
    if (context.signal.aborted) return interruptedAnswer;
    throw error;
  } finally {
    stream.destroy();
  }
}

/** Keeps the time of each phase, and hands everything on. */
class PhaseClock implements Transcript {
  readonly times: { -readonly [Phase in DialoguePhase]?: number } = {};
  readonly #next: Transcript;

  constructor(next: Transcript) {
    this.#next = next;
  }

  note(text: string): void {
    this.#next.note(text);
  }

  sent(bytes: Buffer, secrets?: readonly Buffer[]): void {
    this.#next.sent(bytes, secrets);
  }

  received(bytes: Buffer): void {
    this.#next.received(bytes);
  }

  phase(phase: DialoguePhase, ms: number): void {
    // A conversation that goes on over TLS has two first bytes: the service's own is the first.
    this.times[phase] ??= ms;
    this.#next.phase(phase, ms);
  }
}
