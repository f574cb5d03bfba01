import * as z from 'zod';
import type { DialogueContext, Said } from '../../model/dialogue.js';
import type { ServiceName } from '../../model/service.js';
import { type Conversation, conduct } from '../conversation.js';
import { defineService } from '../definition.js';
import { identified, mismatch, notUnderstood, strange } from '../outcome.js';
import { overTls, released, tlsRules } from '../over-tls.js';
import { quoteLine } from '../quote.js';
import { tlsSettings } from '../secure.js';
import { describeStranger } from '../stranger.js';
import { answersAsMail, greeterOf } from './greeting.js';
import { type Reply, readReply } from './reply.js';

/**
 * FTP, up to the greeting. Measured on vsftpd 3.0.3: every connection leaves the same line in its log, `CONNECT: Client
 * "192.0.2.7"`, a bare one too, and neither this dialogue nor AUTH TLS leaves anything beyond it.
 */
export const ftp = defineService({
  service: 'ftp',
  title: 'greets as FTP does, or turns away in its words',
  settings: z.lazy(() =>
    z.strictObject({
      starttls: tlsRules
        .meta({ description: 'The server has to go on in TLS when it is asked to (AUTH TLS); the rules for it.' })
        .optional(),
    }),
  ),
  bareConnects: 'harmless',
  label: ({ starttls }) => (starttls === undefined ? '' : 'with AUTH TLS'),
  converse: (stream, { starttls }, context) =>
    conduct(stream, context, async (conversation) => {
      const said = await hearGreeting('ftp', conversation);
      // Who turns clients away has nothing more to say.
      const goesOn = said.outcome === 'open' && said.warning === undefined;
      if (starttls !== undefined && goesOn) return startTls(conversation, said, starttls, context);
      return leave(conversation, said);
    }),
});

/** FTP in TLS from the first byte, "implicit", of which the log of vsftpd tells no more than of FTP. */
export const ftps = defineService({
  service: 'ftps',
  title: 'greets as FTP does, over TLS from the first byte',
  settings: z.lazy(() => z.strictObject(tlsSettings())),
  bareConnects: 'harmless',
  converse: (stream, settings, context) =>
    overTls('ftps', stream, settings, context, (stream, context) =>
      conduct(stream, context, async (conversation) => leave(conversation, await hearGreeting('ftps', conversation))),
    ),
});

function leave(conversation: Conversation, said: Said): Said {
  conversation.say(Buffer.from('QUIT\r\n'));
  return said;
}

/** RFC 4217, 4. */
async function startTls(
  conversation: Conversation,
  greeted: Said,
  rules: z.infer<typeof tlsRules>,
  context: DialogueContext,
): Promise<Said> {
  conversation.say(Buffer.from('AUTH TLS\r\n'));
  const heard = await conversation.hear(readReply);
  const reply = heard.kind === 'heard' ? heard.value : undefined;
  if (reply?.code !== 234) {
    const refusal = reply === undefined ? 'does not answer AUTH TLS' : `refuses AUTH TLS: ${quote(reply)}`;
    return leave(conversation, mismatch('ftp', `${greeted.detail}, but ${refusal}`));
  }
  const [stream, left] = released(conversation, context);
  return overTls('ftp', stream, rules, left, (stream, context) =>
    conduct(stream, context, async (conversation) => leave(conversation, greeted)),
  );
}

async function hearGreeting(service: ServiceName, conversation: Conversation): Promise<Said> {
  const heard = await conversation.hear(readReply);
  if (heard.kind !== 'heard') return notUnderstood(service, conversation, heard, 'FTP greets first');
  if (heard.value === undefined) return strange(service, conversation);
  return judgeGreeting(service, conversation, heard.value);
}

async function judgeGreeting(service: ServiceName, conversation: Conversation, reply: Reply): Promise<Said> {
  const greeter = greeterOf(reply);
  if (greeter.kind === 'smtp') return elsewhere(service, { ...reply, text: greeter.line });
  const who = greeter.kind === 'ftp' ? greeter.name : 'an FTP server';
  const words = quote(reply);
  switch (reply.code) {
    case 220:
      return greeter.kind === 'ftp'
        ? identified(service, `${who} greeted`)
        : tellFromMail(service, conversation, reply);
    case 120:
      return identified(service, `${who} asks to wait`, `the server is not ready yet: ${words}`);
    case 421:
    case 530:
      return identified(service, `${who} turns clients away (${reply.code})`, `the server said: ${words}`);
    default:
      // What vsftpd says when it cannot go on.
      return reply.text.startsWith('OOPS: ')
        ? identified(service, 'vsFTPd answers and gives up', `the server said: ${words}`)
        : elsewhere(service, reply);
  }
}

async function tellFromMail(service: ServiceName, conversation: Conversation, greeting: Reply): Promise<Said> {
  conversation.say(Buffer.from('NOOP\r\n'));
  const heard = await conversation.hear(readReply);
  if (heard.kind !== 'heard' || heard.value === undefined) {
    const then = heard.kind === 'silence' ? 'left NOOP unanswered' : 'did not answer NOOP';
    return mismatch(service, `something greets as FTP and SMTP do (${quote(greeting)}), and then ${then}`);
  }
  return answersAsMail(heard.value)
    ? mismatch(service, `an SMTP server answers NOOP with ${heard.value.code}`, 'stranger')
    : identified(service, 'an FTP server greeted');
}

function elsewhere(service: ServiceName, { code, text }: Reply): Said {
  return mismatch(service, describeStranger(Buffer.from(`${code} ${text}`)), 'stranger');
}

function quote({ code, text }: Reply): string {
  return quoteLine(`${code} ${text}`) || `${code}`;
}
