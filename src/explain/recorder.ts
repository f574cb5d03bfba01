import type { Transcript } from '../model/dialogue.js';

/** One step of a dialogue. */
export type Step =
  | { readonly kind: 'note'; readonly atMs: number; readonly text: string }
  | {
      readonly kind: 'sent' | 'received';
      readonly atMs: number;
      readonly length: number;
      /** As far as they were kept. */
      readonly bytes: Buffer;
    };

/** What was said in one dialogue. Nobody may see it before its secrets are masked. */
export interface Recording {
  readonly steps: readonly Step[];
  readonly secrets: readonly Buffer[];
  /** Steps that came after the last one kept. */
  readonly stepsLeftOut: number;
}

// Answers are read to their end only where they are judged, but those may be any page of any size.
const keptBytes = 16 * 1024;
const keptSteps = 500;

/** Keeps what is said in one dialogue, up to 16 KiB each way, with the time since the dial. */
export class DialogueRecorder implements Transcript, Recording {
  readonly steps: Step[] = [];
  readonly secrets: Buffer[];
  stepsLeftOut = 0;
  readonly #room = { sent: keptBytes, received: keptBytes };
  readonly #now: () => number;
  readonly #startedAt: number;

  /** `secrets`: those that are known beforehand. */
  constructor(secrets: readonly Buffer[] = [], now: () => number = () => performance.now()) {
    this.secrets = [...secrets];
    this.#now = now;
    this.#startedAt = now();
  }

  note(text: string): void {
    this.#keep({ kind: 'note', atMs: this.#elapsedMs(), text });
  }

  sent(bytes: Buffer, secrets: readonly Buffer[] = []): void {
    this.secrets.push(...secrets);
    this.#keepBytes('sent', bytes);
  }

  received(bytes: Buffer): void {
    this.#keepBytes('received', bytes);
  }

  /** The times of phases are in the report, with the check. */
  phase(): void {}

  #elapsedMs(): number {
    return this.#now() - this.#startedAt;
  }

  #keepBytes(kind: 'sent' | 'received', bytes: Buffer): void {
    // A copy: a stream may hand out parts of a buffer that it goes on using.
    const kept = Buffer.from(bytes.subarray(0, this.#room[kind]));
    this.#room[kind] -= kept.length;
    this.#keep({ kind, atMs: this.#elapsedMs(), length: bytes.length, bytes: kept });
  }

  #keep(step: Step): void {
    if (this.steps.length < keptSteps) this.steps.push(step);
    else this.stepsLeftOut++;
  }
}
