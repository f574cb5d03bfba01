import type { Understand } from '../conversation.js';

/**
 * A pattern for what {@link asText} makes of bytes: one character a byte. What the pattern itself has beyond ASCII
 * stands for its bytes in UTF-8. `^` and `$` are the ends of a line. Throws where it is no regular expression.
 */
export function toPattern(source: string): RegExp {
  return new RegExp(asText(Buffer.from(source)), 'm');
}

export function asText(bytes: Buffer): string {
  return bytes.toString('latin1');
}

/** What a pattern found. */
export interface Match {
  /** The whole match, then its groups. */
  readonly groups: readonly string[];
  /** Whether the line in which the match ends has ended, too: what follows may belong to the match. */
  readonly lineEnded: boolean;
}

/** Looks for a pattern, and takes everything up to the end of the line in which it is found. */
export function find(pattern: RegExp): Understand<Match> {
  return (bytes) => {
    const text = asText(bytes);
    const match = pattern.exec(text);
    if (match === null) return undefined;
    const end = match.index + match[0].length;
    const newline = text.indexOf('\n', match[0].endsWith('\n') ? end - 1 : end);
    const length = newline === -1 ? end : newline + 1;
    return { value: { groups: match.map((group) => group ?? ''), lineEnded: newline !== -1 }, length };
  };
}
