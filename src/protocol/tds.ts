import type { Duplex } from 'node:stream';
import * as z from 'zod';
import type { DialogueContext, Said } from '../model/dialogue.js';
import { type Conversation, conduct } from './conversation.js';
import { defineService } from './definition.js';
import { identified, mismatch, notUnderstood, strange } from './outcome.js';
import { overTls, tlsRules } from './over-tls.js';

const settings = z.lazy(() =>
  z.strictObject({
    strict: tlsRules
      .meta({ description: 'TDS 8.0, strict encryption: TLS comes before everything else; the rules for it.' })
      .optional(),
  }),
);
type Settings = z.infer<typeof settings>;

const service = 'tds';

/**
 * SQL Server, asked what it asks every client before the login: [MS-TDS] 2.2.6.5, PRELOGIN. Nobody logs in, and so nothing
 * counts against an account.
 */
export const tds = defineService({
  service,
  title: 'SQL Server answers PRELOGIN with its version',
  settings,
  // A connection that ends before its login is error 17830 in the ring buffer of connectivity events: one is enough.
  bareConnects: 'logged',
  label: ({ strict }) => (strict === undefined ? '' : 'with strict encryption'),
  converse: (stream, { strict }: Settings, context) => {
    const talk = (over: Duplex, left: DialogueContext) =>
      conduct(over, left, (conversation) => ask(conversation, strict !== undefined));
    // [MS-TDS] 3.2.5.1: the name by which TDS 8.0 is chosen in the handshake.
    return strict === undefined ? talk(stream, context) : overTls(service, stream, strict, context, talk, ['tds/8.0']);
  },
});

async function ask(conversation: Conversation, encrypted: boolean): Promise<Said> {
  conversation.say(preloginPacket);
  const heard = await conversation.hear(understandReply);
  if (heard.kind !== 'heard') {
    if (heard.bytes.length > 0) return mismatch(service, 'an answer that begins as TDS breaks off');
    return notUnderstood(service, conversation, heard, 'SQL Server answers PRELOGIN');
  }
  switch (heard.value.kind) {
    case 'prelogin':
      return identified(service, describe(heard.value, encrypted));
    case 'tokens':
      return mismatch(
        service,
        'a TDS server without PRELOGIN answers: Sybase ASE, or SQL Server before 2000',
        'stranger',
      );
    case 'stranger':
      return strange(service, conversation);
  }
}

// [MS-TDS] 2.2.6.5, B_FENCRYPTION, as a server answers a client who asks for an encrypted login only.
const encryptions: Readonly<Record<number, string>> = {
  0: 'encrypts the login',
  1: 'encrypts everything',
  2: 'does not encrypt',
  3: 'demands encryption',
};

/** What is said of encryption means nothing once everything is encrypted. */
function describe({ version, encryption }: Prelogin, encrypted: boolean): string {
  const how = encryption === undefined || encrypted ? undefined : encryptions[encryption];
  return how === undefined ? `SQL Server ${version} answers` : `SQL Server ${version} answers, and ${how}`;
}

const headerLength = 8;
const packetTypes = { prelogin: 0x12, reply: 0x04 } as const;
const endOfMessage = 0x01;
const options = { version: 0, encryption: 1, instance: 2, threadId: 3, mars: 4, terminator: 0xff } as const;
// What a server reports in PRELOGIN takes less than 100 bytes; 4096 is the size of packets before a login.
const longestReply = 4096;

/** PRELOGIN: no version of ours, encryption of the login (ENCRYPT_OFF), any instance, thread 0, no MARS. */
const preloginPacket = makePrelogin([
  [options.version, Buffer.alloc(6)],
  [options.encryption, Buffer.from([0])],
  [options.instance, Buffer.from([0])],
  [options.threadId, Buffer.alloc(4)],
  [options.mars, Buffer.from([0])],
]);

/** An option is a token, the offset of its data and their length; after the terminator the data follow. */
function makePrelogin(entries: readonly (readonly [token: number, data: Buffer])[]): Buffer {
  const table = Buffer.alloc(entries.length * 5 + 1, options.terminator);
  let offset = table.length;
  for (const [index, [token, data]] of entries.entries()) {
    table[index * 5] = token;
    table.writeUInt16BE(offset, index * 5 + 1);
    table.writeUInt16BE(data.length, index * 5 + 3);
    offset += data.length;
  }
  const header = Buffer.from([packetTypes.prelogin, endOfMessage, 0, 0, 0, 0, 1, 0]);
  header.writeUInt16BE(headerLength + offset, 2);
  return Buffer.concat([header, table, ...entries.map(([, data]) => data)]);
}

interface Prelogin {
  readonly kind: 'prelogin';
  /** `15.0`. */
  readonly version: string;
  readonly encryption: number | undefined;
}
type Reply = Prelogin | { readonly kind: 'tokens' } | { readonly kind: 'stranger' };

function understandReply(bytes: Buffer): { readonly value: Reply; readonly length: number } | undefined {
  if (!mayBeReply(bytes)) return { value: { kind: 'stranger' }, length: 0 };
  if (bytes.length < headerLength) return undefined;
  const length = bytes.readUInt16BE(2);
  if (bytes.length < length) return undefined;
  const reply = parseReply(bytes.subarray(headerLength, length));
  return { value: reply ?? { kind: 'stranger' }, length: reply === undefined ? 0 : length };
}

/** Whether a stream that starts like this may still become a tabular result of one packet. */
function mayBeReply(bytes: Buffer): boolean {
  if ((bytes[0] ?? packetTypes.reply) !== packetTypes.reply) return false;
  if ((bytes[1] ?? endOfMessage) !== endOfMessage) return false;
  return bytes.length < 4 || (bytes.readUInt16BE(2) > headerLength && bytes.readUInt16BE(2) <= longestReply);
}

// [MS-TDS] 2.2.7 and TDS 5.0: ERROR, INFO, LOGINACK, and Sybase's EED.
const oldTokens: readonly number[] = [0xaa, 0xab, 0xad, 0xe5];

function parseReply(payload: Buffer): Prelogin | { readonly kind: 'tokens' } | undefined {
  if (oldTokens.includes(payload[0]!)) return { kind: 'tokens' };
  const found = new Map<number, Buffer>();
  for (let at = 0; payload[at] !== options.terminator; at += 5) {
    if (payload.length < at + 5) return undefined;
    const start = payload.readUInt16BE(at + 1);
    const end = start + payload.readUInt16BE(at + 3);
    if (end > payload.length) return undefined;
    found.set(payload[at]!, payload.subarray(start, end));
  }
  const version = found.get(options.version);
  // "VERSION is a required token, and it MUST be the first token": major, minor, build, sub-build.
  if (version?.length !== 6 || payload[0] !== options.version) return undefined;
  const encryption = found.get(options.encryption);
  return { kind: 'prelogin', version: `${version[0]}.${version[1]}`, encryption: encryption?.[0] };
}
