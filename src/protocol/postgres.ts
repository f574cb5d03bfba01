import type { Duplex } from 'node:stream';
import * as z from 'zod';
import type { DialogueContext, Said } from '../model/dialogue.js';
import { type Conversation, conduct, type Understand } from './conversation.js';
import { Deadline } from './deadline.js';
import { defineService } from './definition.js';
import { identified, mismatch, notUnderstood, strange } from './outcome.js';
import { overTls, released, tlsRules, toRules } from './over-tls.js';
import { secure } from './secure.js';

const settings = z.lazy(() =>
  z.strictObject({
    tls: tlsRules
      .meta({
        description:
          'The server has to speak TLS, with a certificate that holds; the rules for it. Default: as it likes.',
      })
      .optional(),
  }),
);
type Settings = z.infer<typeof settings>;

const service = 'postgres';

/**
 * PostgreSQL and what speaks like it: Greenplum, openGauss, PgBouncer. It is asked whether it speaks TLS, which takes no
 * login: a startup packet would leave one that failed in its log. Measured on PostgreSQL 15: to leave after the answer
 * `N` logs nothing, and neither does a bare connect (before PostgreSQL 12: "incomplete startup packet"); to leave after
 * `S` logs "could not accept SSL connection: EOF detected", unless the handshake is brought to its end. So it is.
 */
export const postgres = defineService({
  service,
  title: 'answers SSLRequest as PostgreSQL does',
  settings,
  bareConnects: 'harmless',
  label: ({ tls }) => (tls === undefined ? '' : 'with TLS'),
  converse: (stream, settings, context) =>
    conduct(stream, context, (conversation) => talk(conversation, settings, context)),
});

// https://www.postgresql.org/docs/current/protocol-message-formats.html: a length of 8 and the code 80877103.
const sslRequest = Buffer.from('0000000804d2162f', 'hex');

async function talk(conversation: Conversation, { tls }: Settings, context: DialogueContext): Promise<Said> {
  conversation.say(sslRequest);
  const heard = await conversation.hear(understandAnswer);
  if (heard.kind !== 'heard') return notUnderstood(service, conversation, heard, 'PostgreSQL answers SSLRequest');
  const answer = heard.value;
  switch (answer.kind) {
    case 'stranger':
      return strange(service, conversation);
    case 'error':
      return identified(service, 'PostgreSQL answered SSLRequest with an error', `the server said: ${answer.message}`);
    case 'letter':
      if (!(await standsAlone(conversation))) return strange(service, conversation);
      if (answer.letter === 'S') return goOn(...released(conversation, context), tls);
      if (tls !== undefined) return mismatch(service, 'PostgreSQL answers, but does not speak TLS');
      return identified(service, 'PostgreSQL answered SSLRequest, without TLS to offer');
  }
}

/** TLS has been offered: brings its handshake to the end, whether or not anybody asked for it. */
async function goOn(stream: Duplex, context: DialogueContext, tls: Settings['tls']): Promise<Said> {
  const answered = 'PostgreSQL answered SSLRequest';
  const leaveWith = (detail: string) => (stream: Duplex, context: DialogueContext) =>
    conduct(stream, context, async () => identified(service, detail));
  if (tls !== undefined) return overTls(service, stream, tls, context, leaveWith(answered));
  const secured = await secure(stream, { ...toRules(true), verify: 'no', minimumVersion: 'TLSv1' }, context);
  if (secured.kind === 'secured') return leaveWith(`${answered} and speaks TLS`)(secured.stream, secured.context);
  return identified(service, answered, `it offers TLS in vain: ${secured.said(service).detail}`);
}

// How long nothing may follow the one letter: MySQL's greeting and SSH's banner can begin with it.
const quietMs = 250;

async function standsAlone(conversation: Conversation): Promise<boolean> {
  const patience = new Deadline(quietMs);
  const more = await conversation.hear(
    (bytes) => (bytes.length > 1 ? { value: true, length: 0 } : undefined),
    patience,
  );
  patience.cancel();
  if (more.kind === 'heard') return false;
  await conversation.hear(() => ({ value: true, length: 1 }));
  return true;
}

type Answer =
  | { readonly kind: 'letter'; readonly letter: 'S' | 'N' }
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'stranger' };

const understandAnswer: Understand<Answer> = (bytes) => {
  const first = bytes.toString('latin1', 0, 1);
  if (first === '') return undefined;
  if (first === 'E') return understandError(bytes);
  const isAnswer = bytes.length === 1 && (first === 'S' || first === 'N');
  return { value: isAnswer ? { kind: 'letter', letter: first } : { kind: 'stranger' }, length: 0 };
};

// libpq takes no longer error than that before it knows whom it talks to.
const longestError = 30_000;

/** `E`, and then fields with their length before them, or the one text that servers sent before PostgreSQL 7.4. */
const understandError: Understand<Answer> = (bytes) => {
  const stranger = { value: { kind: 'stranger' }, length: 0 } as const;
  if (bytes.length >= 2 && bytes[1] === 0) {
    const length = bytes.length < 5 ? undefined : bytes.readUInt32BE(1);
    if (length === undefined) return undefined;
    if (length < 8 || length > longestError) return stranger;
    if (bytes.length < 1 + length) return undefined;
    // Every field is a letter and a text; S is the severity and comes first, M the message.
    const fields = bytes.toString('utf8', 5, 1 + length).split('\0');
    const message = fields.find((field) => field.startsWith('M'))?.slice(1);
    if (!fields[0]!.startsWith('S') || message === undefined) return stranger;
    return { value: { kind: 'error', message }, length: 1 + length };
  }
  const end = bytes.indexOf(0);
  const text = bytes.toString('latin1', 1, end === -1 ? bytes.length : end);
  // memcached answers "ERROR\r\n".
  if (text.length > longestError || !/^[\x20-\x7e]*\n?$/.test(text)) return stranger;
  return end === -1 ? undefined : { value: { kind: 'error', message: text.trimEnd() }, length: end + 1 };
};
