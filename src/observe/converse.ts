import type { Duplex } from 'node:stream';
import type { ConnectThrough, Dialogue, DialogueContext, DialoguePhase, Transcript } from '../model/dialogue.js';
import type { Answer, PhaseTimes } from '../model/observation.js';
import type { ServiceSettings } from '../model/service.js';
import type { Vantage } from '../model/vantage.js';
import { Dialler } from '../sweep/dialler.js';
import { letGo } from '../sweep/let-go.js';
import { interrupted } from '../sweep/remainder.js';

/** Where a connection to a port is asked for: at the port itself, or at a proxy. */
export interface Way {
  /** The literal that is dialled. */
  readonly address: string;
  readonly port: number;
  /** The proxy's part; undefined for the direct way. */
  readonly tunnel: { readonly authority: string; readonly connectThrough: ConnectThrough } | undefined;
}

/** Who is spoken to, and what is asked. */
export interface Question {
  readonly dialogue: Dialogue;
  readonly settings: ServiceSettings;
}

interface Conversed {
  readonly answer: Answer;
  /** The connect time, where it connected. */
  readonly connectUs: number | undefined;
  readonly phases: PhaseTimes;
}

/**
 * Dials one port from a vantage and speaks the dialogue; without one, the connection is all. Never rejects for anything the
 * network or the service did. What a connection to the node that died would look like too is believed only while the node
 * still answers.
 */
export async function converse(
  vantage: Vantage,
  { address, port, tunnel }: Way,
  question: Question | undefined,
  context: DialogueContext,
): Promise<Conversed> {
  const { signal, timeoutMs } = context;
  const clock = new PhaseClock(context.transcript);
  const dialler = new Dialler(vantage, signal);
  const dialled = await dialler.dial(address, port, timeoutMs);
  if (dialled.kind === 'answer') return { answer: dialled.answer, connectUs: undefined, phases: {} };
  const to = tunnel === undefined ? '' : ` to the proxy ${tunnel.authority}`;
  clock.note(`connected${to} in ${(dialled.afterUs / 1000).toFixed(1)} ms`);
  const heard = { ...context, transcript: clock };
  const { answer, tunnelUs } = await speak(dialled.stream, tunnel?.connectThrough, question, heard);
  const connectUs = dialled.afterUs + tunnelUs;
  const connected = { connectUs, phases: { connect: connectUs / 1000, ...clock.times } };
  if (answer.kind !== 'dialogue' || answer.outcome === 'open') return { answer, ...connected };
  const dead = await dialler.alive();
  return dead === undefined ? { answer, ...connected } : { answer: dead, connectUs: undefined, phases: {} };
}

async function speak(
  dialled: Duplex,
  connectThrough: ConnectThrough | undefined,
  question: Question | undefined,
  context: DialogueContext,
): Promise<{ readonly answer: Answer; readonly tunnelUs: number }> {
  const service = question?.dialogue.service ?? 'tcp';
  const begun = performance.now();
  let stream = dialled;
  let tunnelUs = 0;
  try {
    if (connectThrough !== undefined) {
      const tunnel = await connectThrough(dialled, context);
      tunnelUs = Math.round((performance.now() - begun) * 1000);
      if (tunnel.kind === 'failed') return { answer: { ...tunnel.said(service), problem: 'proxy' }, tunnelUs };
      stream = tunnel.stream;
    }
    if (question === undefined) {
      await letGo(stream);
      return { answer: { kind: 'connected' }, tunnelUs };
    }
    return { answer: await question.dialogue.converse(stream, question.settings, context), tunnelUs };
  } catch (error) {
    if (context.signal.aborted) return { answer: interrupted, tunnelUs };
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
