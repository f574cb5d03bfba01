import { isIPv6 } from 'node:net';
import type { Duplex } from 'node:stream';
import * as z from 'zod';
import type { DialogueContext, Said } from '../../model/dialogue.js';
import { type Conversation, conduct } from '../conversation.js';
import { defineService } from '../definition.js';
import { notUnderstood, seconds, strange } from '../outcome.js';
import { overTls, tlsRules, unlessOverTls } from '../over-tls.js';
import { type AnswerEnd, AnswerReader, broken } from './answer.js';
import { type Frame, frameFlags, frameTypes, preface, readFrame, readPreface, writeFrame } from './frame.js';
import { healthRequest } from './health.js';
import { judgeHealth, speaksHttp2, unanswered, withoutAlpn } from './outcome.js';

const settings = z.lazy(() =>
  z.strictObject({
    health: z.boolean().default(true).meta({
      description: 'Whether to ask grpc.health.v1.Health/Check; if not, any HTTP/2 server will do.',
    }),
    service: z.string().max(255).default('').meta({
      description: 'The service whose health is asked for; empty is the server as a whole.',
    }),
    tls: tlsRules.meta({ description: 'The server speaks TLS; the rules for it.' }).optional(),
  }),
);
type Settings = z.infer<typeof settings>;
type Scheme = 'http' | 'https';

const service = 'grpc';

/**
 * gRPC by its HTTP/2 and its health service. The few frames of that are written and read here and not by node:http2: the
 * server's own bytes are wanted where it is a stranger, and in the transcript, and the stream is whatever a transport gives.
 */
export const grpc = defineService({
  service,
  title: 'answers as an HTTP/2 server, and its health check as gRPC does',
  settings,
  bareConnects: unlessOverTls,
  label: ({ service }) => service,
  converse: (stream, settings, context) => {
    const talkAs = (scheme: Scheme) => (stream: Duplex, context: DialogueContext) =>
      conduct(stream, context, (conversation) => talk(conversation, settings, context, scheme));
    if (settings.tls === undefined) return talkAs('http')(stream, context);
    const talkOverTls = async (stream: Duplex, context: DialogueContext, agreed: string | undefined) => {
      const said = await talkAs('https')(stream, context);
      return agreed === 'h2' ? said : withoutAlpn(said);
    };
    return overTls(service, stream, settings.tls, context, talkOverTls, ['h2']);
  },
});

// SETTINGS_HEADER_TABLE_SIZE 0: no dynamic table; SETTINGS_ENABLE_PUSH 0.
const clientSettings = Buffer.from('000100000000' + '000200000000', 'hex');
const nothing = Buffer.alloc(0);
// An answer takes four frames or so: one that never ends is a loop.
const mostFrames = 256;

async function talk(
  conversation: Conversation,
  { health, service: asked }: Settings,
  context: DialogueContext,
  scheme: Scheme,
): Promise<Said> {
  conversation.say(Buffer.concat([preface, writeFrame(frameTypes.settings, 0, 0, clientSettings)]));
  const opening = await conversation.hear(readPreface);
  if (opening.kind !== 'heard')
    return notUnderstood(service, conversation, opening, 'HTTP/2 servers answer with SETTINGS');
  if (opening.value === 'stranger') return strange(service, conversation);
  acknowledge(conversation, opening.value);
  const said = health ? await checkHealth(conversation, asked, authorityOf(context), scheme) : speaksHttp2();
  // RFC 9113, 6.8: the last stream of the server that was taken up, and NO_ERROR.
  conversation.say(writeFrame(frameTypes.goAway, 0, 0, Buffer.alloc(8)));
  return said;
}

async function checkHealth(
  conversation: Conversation,
  asked: string,
  authority: string,
  scheme: Scheme,
): Promise<Said> {
  conversation.say(healthRequest(asked, authority, scheme));
  const end = await hearAnswer(conversation);
  return end.kind === 'answer' ? judgeHealth(end.answer, asked) : unanswered(end);
}

async function hearAnswer(conversation: Conversation): Promise<AnswerEnd> {
  const reader = new AnswerReader();
  for (let count = 0; count < mostFrames; count++) {
    const heard = await conversation.hear(readFrame);
    if (heard.kind === 'closed') return broken('closes');
    if (heard.kind === 'silence') return broken(`is silent for ${seconds(conversation.elapsedMs)}`, 'silent');
    if (heard.value === 'stranger') break;
    acknowledge(conversation, heard.value);
    const end = reader.take(heard.value);
    if (end !== undefined) return end;
  }
  return broken('says what makes no sense');
}

/** SETTINGS and PING want an answer (RFC 9113, 6.5.3 and 6.7). */
function acknowledge(conversation: Conversation, { type, flags, payload }: Frame): void {
  if ((flags & frameFlags.ack) !== 0) return;
  if (type === frameTypes.settings) conversation.say(writeFrame(type, frameFlags.ack, 0, nothing));
  if (type === frameTypes.ping) conversation.say(writeFrame(type, frameFlags.ack, 0, payload));
}

function authorityOf({ target, port }: DialogueContext): string {
  return `${isIPv6(target) ? `[${target}]` : target}:${port}`;
}
