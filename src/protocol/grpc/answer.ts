import type { DialogueProblem } from '../../model/observation.js';
import { contentOf, errorOf, type Frame, frameFlags, frameTypes } from './frame.js';
import { healthStream } from './health.js';
import { decodeHeaders } from './hpack.js';

/** What came back on the request's stream: header and trailer fields in one, and the body. */
export interface Answer {
  readonly fields: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** How the stream of the request ended. */
export type AnswerEnd = { readonly kind: 'answer'; readonly answer: Answer } | Broken;

export interface Broken {
  readonly kind: 'broken';
  /** "resets the request (REFUSED_STREAM)". */
  readonly how: string;
  readonly problem: DialogueProblem;
}

// A health response takes 7 bytes, an error page of a gateway a few thousand.
const longestAnswer = 65_536;

/** Puts an answer together, frame by frame. */
export class AnswerReader {
  readonly #fields = new Map<string, string>();
  #block: Buffer = Buffer.alloc(0);
  #body: Buffer = Buffer.alloc(0);
  #lastBlock = false;

  /** The end, where this frame brings it. */
  take(frame: Frame): AnswerEnd | undefined {
    if (frame.type === frameTypes.goAway) return broken(`ends the connection (${errorOf(frame)})`);
    if (frame.stream !== healthStream) return undefined;
    switch (frame.type) {
      case frameTypes.headers:
      case frameTypes.continuation:
        return this.#takeFields(frame);
      case frameTypes.data:
        return this.#takeData(frame);
      case frameTypes.resetStream:
        return broken(`resets the request (${errorOf(frame)})`);
      default:
        return undefined;
    }
  }

  #takeFields(frame: Frame): AnswerEnd | undefined {
    // A CONTINUATION has neither padding nor an end of the stream: the HEADERS before it say both.
    const first = frame.type === frameTypes.headers;
    if (first) this.#lastBlock = (frame.flags & frameFlags.endStream) !== 0;
    const part = first ? contentOf(frame) : frame.payload;
    if (part === undefined) return unreadable;
    this.#block = Buffer.concat([this.#block, part]);
    if (this.#block.length > longestAnswer) return unreadable;
    if ((frame.flags & frameFlags.endHeaders) === 0) return undefined;
    const fields = decodeHeaders(this.#block);
    this.#block = Buffer.alloc(0);
    if (fields === undefined) return unreadable;
    for (const [name, value] of fields) this.#fields.set(name, value);
    return this.#lastBlock ? this.#end() : undefined;
  }

  #takeData(frame: Frame): AnswerEnd | undefined {
    const part = contentOf(frame);
    if (part === undefined) return unreadable;
    this.#body = Buffer.concat([this.#body, part]);
    if ((frame.flags & frameFlags.endStream) !== 0) return this.#end();
    // More of it tells nothing new, and the window would be used up.
    return this.#body.length >= longestAnswer / 2 ? this.#end() : undefined;
  }

  #end(): AnswerEnd {
    return { kind: 'answer', answer: { fields: this.#fields, body: this.#body } };
  }
}

export function broken(how: string, problem: DialogueProblem = 'answer'): Broken {
  return { kind: 'broken', how, problem };
}

const unreadable = broken('answers in frames that make no sense');
