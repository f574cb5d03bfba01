import type { Said } from '../../model/dialogue.js';
import { type Conversation, conduct } from '../conversation.js';
import { defineService, noSettings } from '../definition.js';
import { identified, mismatch, notUnderstood, strange } from '../outcome.js';
import { quoteLine } from '../quote.js';
import { describeStranger } from '../stranger.js';
import { answersAsMail, greeterOf } from './greeting.js';
import { type Reply, readReply } from './reply.js';

const service = 'ftp';

/**
 * FTP, up to the greeting. Measured on vsftpd 3.0.3: every connection leaves the same line in its log, `CONNECT: Client
 * "192.0.2.7"`, a bare one too, and this dialogue nothing beyond it.
 */
export const ftp = defineService({
  service,
  title: 'greets as FTP does, or turns away in its words',
  settings: noSettings,
  bareConnects: 'harmless',
  converse: (stream, _, context) => conduct(stream, context, converse),
});

async function converse(conversation: Conversation): Promise<Said> {
  const heard = await conversation.hear(readReply);
  if (heard.kind !== 'heard') return notUnderstood(service, conversation, heard, 'FTP greets first');
  if (heard.value === undefined) return strange(service, conversation);
  const said = await judgeGreeting(conversation, heard.value);
  conversation.say(Buffer.from('QUIT\r\n'));
  return said;
}

async function judgeGreeting(conversation: Conversation, reply: Reply): Promise<Said> {
  const greeter = greeterOf(reply);
  if (greeter.kind === 'smtp') return elsewhere({ ...reply, text: greeter.line });
  const who = greeter.kind === 'ftp' ? greeter.name : 'an FTP server';
  const words = quote(reply);
  switch (reply.code) {
    case 220:
      return greeter.kind === 'ftp' ? identified(service, `${who} greeted`) : tellFromMail(conversation, reply);
    case 120:
      return identified(service, `${who} asks to wait`, `the server is not ready yet: ${words}`);
    case 421:
    case 530:
      return identified(service, `${who} turns clients away (${reply.code})`, `the server said: ${words}`);
    default:
      // What vsftpd says when it cannot go on.
      return reply.text.startsWith('OOPS: ')
        ? identified(service, 'vsFTPd answers and gives up', `the server said: ${words}`)
        : elsewhere(reply);
  }
}

async function tellFromMail(conversation: Conversation, greeting: Reply): Promise<Said> {
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

function elsewhere({ code, text }: Reply): Said {
  return mismatch(service, describeStranger(Buffer.from(`${code} ${text}`)), 'stranger');
}

function quote({ code, text }: Reply): string {
  return quoteLine(`${code} ${text}`) || `${code}`;
}
