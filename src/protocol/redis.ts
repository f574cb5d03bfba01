import type { Duplex } from 'node:stream';
import * as z from 'zod';
import type { DialogueContext, Said } from '../model/dialogue.js';
import { type Conversation, conduct } from './conversation.js';
import { defineService, secretReference } from './definition.js';
import { identified, mismatch, notUnderstood, strange } from './outcome.js';
import { overTls, tlsRules, unlessOverTls } from './over-tls.js';
import { quoteLine } from './quote.js';

const settings = z
  .strictObject({
    password: secretReference
      .meta({ description: 'The password to log in with. Without one, a demand for it is answer enough.' })
      .optional(),
    user: z
      .string()
      .min(1)
      .meta({ description: 'Whose password it is. Default: the default user of Redis.' })
      .optional(),
    tls: tlsRules.meta({ description: 'The server speaks TLS; the rules for it.' }).optional(),
  })
  .refine(({ user, password }) => user === undefined || password !== undefined, {
    error: 'a user is of use only with a password',
    path: ['user'],
  });
type Settings = z.infer<typeof settings>;

const service = 'redis';

/**
 * Redis and what speaks like it: Valkey, KeyDB, Sentinel. In protected mode, and at its limit of clients, the server says
 * so unasked and closes. Measured on Redis 7.0: at `loglevel notice`, the default, neither a bare connect nor this dialogue
 * leaves a line in its log; a password that it refuses leaves an entry in `ACL LOG`. Over TLS a bare connect leaves `Error
 * accepting a client connection: error:0A000126:SSL routines::unexpected eof while reading`, and this dialogue nothing.
 */
export const redis = defineService({
  service,
  title: 'answers PING, or refuses in the words of Redis',
  settings,
  bareConnects: unlessOverTls,
  label: ({ password, tls }) => [password && 'with a password', tls && 'over TLS'].filter(Boolean).join(' '),
  converse: (stream, settings, context) =>
    settings.tls === undefined
      ? talk(stream, settings, context)
      : overTls(service, stream, settings.tls, context, (stream, context) => talk(stream, settings, context)),
});

function talk(stream: Duplex, settings: Settings, context: DialogueContext): Promise<Said> {
  return conduct(stream, context, (conversation) => converse(conversation, settings, context));
}

async function converse(conversation: Conversation, settings: Settings, context: DialogueContext): Promise<Said> {
  const answer = await ask(conversation, ping);
  if (answer.kind === 'said') return answer.said;
  const { password, user } = settings;
  // Nobody but Redis is told the password, so it is not said before Redis has answered.
  if (password === undefined || !takesLogin.test(answer.line)) return leave(conversation, answer.line);
  const secret = Buffer.from(context.materials.secret(password));
  const names = user === undefined ? [] : [user];
  const login = await ask(conversation, command('AUTH', ...names, secret), [secret]);
  if (login.kind === 'said') return login.said;
  if (login.line !== '+OK') return leave(conversation, login.line);
  const again = await ask(conversation, ping);
  return again.kind === 'said' ? again.said : leave(conversation, again.line);
}

const ping = Buffer.from('PING\r\n');
const takesLogin = /^(?:\+PONG$|-NOAUTH\b|-NOPERM\b|-ERR operation not permitted)/;

function leave(conversation: Conversation, line: string): Said {
  conversation.say(Buffer.from('QUIT\r\n'));
  return line === '+PONG' ? identified(service, 'Redis answers PING') : refused(line);
}

/** An array of bulk strings: the words of an inline command could not hold any password. */
function command(...words: readonly (string | Buffer)[]): Buffer {
  const parts = words.flatMap((word) => [`$${Buffer.byteLength(word)}\r\n`, word, '\r\n']);
  return Buffer.concat([`*${words.length}\r\n`, ...parts].map((part) => Buffer.from(part)));
}

type Answer = { readonly kind: 'line'; readonly line: string } | { readonly kind: 'said'; readonly said: Said };

async function ask(conversation: Conversation, words: Buffer, secrets: readonly Buffer[] = []): Promise<Answer> {
  conversation.say(words, secrets);
  const heard = await conversation.hear(readReply);
  if (heard.kind !== 'heard')
    return { kind: 'said', said: await notUnderstood(service, conversation, heard, 'Redis answers PING') };
  if (heard.value === undefined) return { kind: 'said', said: await strange(service, conversation) };
  return { kind: 'line', line: heard.value };
}

// The longest there is, protected mode's, has a kilobyte.
const longestReply = 4096;
const reply = /^(?:\+(?:OK|PONG)|-[A-Z]+(?: [^\r\n]*)?)$/;

/** One line, a status or an error; undefined in place of it where the bytes cannot become one. */
function readReply(bytes: Buffer): { readonly value: string | undefined; readonly length: number } | undefined {
  const end = bytes.indexOf('\r\n');
  if (end < 0 && bytes.length < longestReply && mayBecomeReply(bytes)) return undefined;
  const line = end < 0 ? '' : bytes.toString('latin1', 0, end);
  return reply.test(line) ? { value: line, length: end + 2 } : { value: undefined, length: 0 };
}

function mayBecomeReply(bytes: Buffer): boolean {
  return bytes.length === 0 || bytes[0] === 0x2b || bytes[0] === 0x2d;
}

/** An error by which Redis makes itself known, what that tells, and what about it wants attention. */
const errors: readonly (readonly [pattern: RegExp, detail: string, warning?: string])[] = [
  [/^-(?:NOAUTH\b|ERR operation not permitted)/, 'asks for a password'],
  [/^-NOPERM\b/, 'allows its user no PING'],
  [/^-ERR unknown command/, 'has another name for PING'],
  [
    /^-(?:WRONGPASS\b|ERR invalid password)/,
    'refuses the password',
    'it refuses the user or the password that the inventory names: clients that use them are turned away',
  ],
  [
    /^-ERR (?:AUTH .*without any password|Client sent AUTH, but no password is set)/,
    'has no password set',
    'the inventory names a password, and the server has none: whoever reaches it is let in',
  ],
  [
    /^-DENIED\b/,
    'is in protected mode',
    'protected mode refuses every client that is not on its own host: set a password (requirepass), or `protected-mode no` where the network guards it',
  ],
  [
    /^-ERR max number of clients/,
    'turns clients away',
    'the server is at its limit of connections (maxclients): clients are turned away',
  ],
  [/^-LOADING\b/, 'is loading its data', 'the server is still loading its data, and refuses commands until it has'],
  [
    /^-MASTERDOWN\b/,
    'has lost its master',
    'the server is a replica whose master is out of reach, and refuses commands until it is back (replica-serve-stale-data no)',
  ],
  [
    /^-MISCONF\b/,
    'cannot save its data',
    'the server cannot write its snapshots to disk, and refuses writes until it can: its log says why',
  ],
  [/^-BUSY\b/, 'is busy with a script', 'the server runs a script that does not end, and refuses commands meanwhile'],
];

function refused(line: string): Said {
  const known = errors.find(([pattern]) => pattern.test(line));
  const quote = quoteLine(line) || 'an error without a text';
  if (known !== undefined) return identified(service, `Redis answers, and ${known[1]}`, known[2]);
  // What else is called an ERR, a POP3 server says as well.
  return /^-ERR\b/.test(line) || line.startsWith('+')
    ? mismatch(service, `something answers PING with what Redis does not say: ${quote}`, 'stranger')
    : identified(service, 'Redis answers with an error', `the server said: ${quote}`);
}
