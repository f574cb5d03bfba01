import type { DialogueContext, Said } from '../model/dialogue.js';
import { type Conversation, conduct } from './conversation.js';
import { Deadline } from './deadline.js';
import { defineService, noSettings } from './definition.js';
import { identified, mismatch, notUnderstood, strange } from './outcome.js';

const service = 'ssh';

/**
 * SSH, up to the server's identification (RFC 4253, 4.2). Measured on OpenSSH 9.2 at LogLevel INFO: who closes without a
 * word leaves `error: kex_exchange_identification: Connection closed by remote host` beside `Connection closed by …`; who
 * says who he is and then closes, only `Connection closed by 192.0.2.7 port 40022 [preauth]`; an SSH_MSG_DISCONNECT leaves
 * two lines again. From 9.8 on, whoever goes without trying to log in is counted one second of PerSourcePenalties, and is
 * refused from 15 on (sshd_config(5)). So one connection is all that is made.
 */
export const ssh = defineService({
  service,
  title: 'identifies itself as SSH 2.0',
  settings: noSettings,
  bareConnects: 'logged',
  converse: (stream, _, context) => conduct(stream, context, (conversation) => converse(conversation, context)),
});

// How long a server may take over the lines that precede its identification.
const afterFirstLineMs = 1000;

async function converse(conversation: Conversation, { timeoutMs, signal }: DialogueContext): Promise<Said> {
  const first = await conversation.hear(hasLine);
  if (first.kind !== 'heard') return notUnderstood(service, conversation, first, 'SSH identifies itself first');
  const patience = new Deadline(Math.min(afterFirstLineMs, timeoutMs - conversation.elapsedMs), signal);
  const heard = await conversation.hear(readOpening, patience);
  patience.cancel();
  if (heard.kind !== 'heard' || heard.value.kind === 'stranger') return strange(service, conversation);
  if (heard.value.kind === 'refusal') return identified(service, heard.value.detail, heard.value.warning);
  const { protocol, software } = heard.value;
  if (protocol !== '2.0' && protocol !== '1.99')
    return mismatch(service, `an SSH server answers, but speaks protocol ${protocol}, which no client does any more`);
  conversation.say(Buffer.from('SSH-2.0-Portolan\r\n'));
  return identified(service, `${software} identified itself`);
}

function hasLine(bytes: Buffer): { readonly value: true; readonly length: 0 } | undefined {
  return bytes.includes(0x0a) || readOpening(bytes) !== undefined ? { value: true, length: 0 } : undefined;
}

/** What a server says before the exchange of keys. */
export type Opening =
  | { readonly kind: 'identification'; readonly protocol: string; readonly software: string }
  | { readonly kind: 'refusal'; readonly detail: string; readonly warning: string }
  | { readonly kind: 'stranger' };

// Lines of an own choice may precede the identification: 8 KB of them are more than anybody writes.
const longestOpening = 8192;
const stranger = { value: { kind: 'stranger' }, length: 0 } as const;

/** Reads up to the identification; undefined where more bytes may bring it. */
export function readOpening(bytes: Buffer): { readonly value: Opening; readonly length: number } | undefined {
  const text = bytes.toString('latin1');
  for (let start = 0, end = text.indexOf('\n'); end >= 0; start = end + 1, end = text.indexOf('\n', start)) {
    const line = text.slice(start, end).replace(/\r$/, '');
    const [, protocol, software] = /^SSH-(\d+\.\d+)-([\x21-\x7e]+)/.exec(line) ?? [];
    if (protocol !== undefined && software !== undefined)
      return { value: { kind: 'identification', protocol, software: software.slice(0, 60) }, length: end + 1 };
    const refusal = refusals.get(line);
    if (refusal !== undefined) return { value: { kind: 'refusal', ...refusal }, length: end + 1 };
  }
  return bytes.length >= longestOpening || /[^\t\r\n\x20-\x7e\x80-\xff]/.test(text) ? stranger : undefined;
}

/** What OpenSSH says, and then closes, in place of its identification. */
const refusals: ReadonlyMap<string, { readonly detail: string; readonly warning: string }> = new Map([
  [
    'Exceeded MaxStartups',
    {
      detail: 'OpenSSH turns connections away (MaxStartups)',
      warning:
        'the server has more connections that are still logging in than it allows (MaxStartups): clients are turned away',
    },
  ],
  [
    'Not allowed at this time',
    {
      detail: 'OpenSSH turns this source away (PerSourcePenalties)',
      warning:
        'the server turns the source away for a while, after too many of its connections did not log in (PerSourcePenalties, PerSourcePenaltyExemptList)',
    },
  ],
]);
