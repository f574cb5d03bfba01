import type { Conversation, Unheard } from '../conversation.js';
import { Deadline } from '../deadline.js';
import { find, type Match, toPattern } from './pattern.js';
import type { Step } from './settings.js';

/** Whether what came is what was expected; `groups`: what the pattern matched, whole and by its groups. */
export type Expected =
  | { readonly kind: 'met'; readonly groups: readonly string[] }
  | { readonly kind: 'strange' }
  | Unheard;

// More than this without a match is no answer to anything.
const mostBytes = 65_536;
// How long to wait for the end of a line whose beginning matches: a prompt has none.
const lineMs = 250;

export async function hearExpected(conversation: Conversation, expect: NonNullable<Step['expect']>): Promise<Expected> {
  return typeof expect === 'string'
    ? hearPattern(conversation, expect)
    : hearBytes(conversation, Buffer.from(expect.hex.replaceAll(/\s/g, ''), 'hex'));
}

const nothing = { value: undefined, length: 0 };

/** A match counts once its line has ended, or nothing more of it comes: it must not depend on how the bytes are cut. */
async function hearPattern(conversation: Conversation, source: string): Promise<Expected> {
  const look = find(toPattern(source));
  const peek = (bytes: Buffer) => {
    const found = look(bytes);
    return found && { value: found.value, length: 0 };
  };
  for (;;) {
    const heard = await conversation.hear<Match | undefined>(
      (bytes) => peek(bytes) ?? (bytes.length > mostBytes ? nothing : undefined),
    );
    if (heard.kind !== 'heard') return heard;
    if (heard.value === undefined) return { kind: 'strange' };
    if (!heard.value.lineEnded) {
      const patience = new Deadline(lineMs);
      await conversation.hear<Match | undefined>((bytes) => {
        const seen = peek(bytes) ?? nothing;
        return seen.value?.lineEnded === false ? undefined : seen;
      }, patience);
      patience.cancel();
    }
    const taken = await conversation.hear<Match | undefined>((bytes) => look(bytes) ?? nothing);
    if (taken.kind === 'heard' && taken.value !== undefined) return { kind: 'met', groups: taken.value.groups };
  }
}

async function hearBytes(conversation: Conversation, expected: Buffer): Promise<Expected> {
  const heard = await conversation.hear<boolean>((bytes) => {
    const start = bytes.subarray(0, expected.length);
    if (!start.equals(expected.subarray(0, start.length))) return { value: false, length: 0 };
    return start.length === expected.length ? { value: true, length: expected.length } : undefined;
  });
  if (heard.kind !== 'heard') return heard;
  return heard.value ? { kind: 'met', groups: [] } : { kind: 'strange' };
}
