import type { Duplex } from 'node:stream';
import * as z from 'zod';
import type { DialogueContext, Said } from '../model/dialogue.js';
import { type Conversation, conduct } from './conversation.js';
import { defineService } from './definition.js';
import { fromEbcdic, toEbcdic } from './ebcdic.js';
import { identified, mismatch, notUnderstood, strange } from './outcome.js';
import { overTls, tlsRules } from './over-tls.js';

const settings = z.lazy(() =>
  z.strictObject({
    tls: tlsRules.meta({ description: 'The server speaks TLS (its SSL_SVCENAME); the rules for it.' }).optional(),
  }),
);
type Settings = z.infer<typeof settings>;

const service = 'db2';

/**
 * Db2, asked for its attributes (EXCSAT), as every client begins. The protocol is DRDA (The Open Group, DRDA Version 5,
 * volumes 1 and 3), which Apache Derby, Informix and IMS speak, too.
 */
export const db2 = defineService({
  service,
  title: 'a DRDA server answers EXCSAT with its class and release',
  settings,
  // A connection that ends without a word is an entry of db2diag.log.
  bareConnects: 'logged',
  label: ({ tls }) => (tls === undefined ? '' : 'with TLS'),
  converse: (stream, { tls }: Settings, context) =>
    tls === undefined ? talk(stream, context) : overTls(service, stream, tls, context, talk),
});

function talk(stream: Duplex, context: DialogueContext): Promise<Said> {
  return conduct(stream, context, ask);
}

async function ask(conversation: Conversation): Promise<Said> {
  conversation.say(excsat);
  const heard = await conversation.hear(understandReply);
  if (heard.kind !== 'heard') {
    if (heard.bytes.length > 0) return mismatch(service, 'an answer that begins as DRDA breaks off');
    return notUnderstood(service, conversation, heard, 'Db2 answers EXCSAT');
  }
  switch (heard.value.kind) {
    case 'attributes':
      return describe(heard.value);
    case 'refusal':
      return identified(service, 'a DRDA server answers', `it refused EXCSAT with ${heard.value.name}`);
    case 'stranger':
      return strange(service, conversation);
  }
}

// DDM, SRVCLSNM: the classes of Db2 for LUW and z/OS, for i, and for VM and VSE.
const db2Classes = /^Q(?:DB2(?:\/.*)?|AS|SQLDS(?:\/.*)?)$/;

function describe({ serverClass, release }: Attributes): Said {
  if (serverClass === '') return identified(service, `a DRDA server answers${release === '' ? '' : `: ${release}`}`);
  if (db2Classes.test(serverClass)) return identified(service, `Db2 ${release} answers as ${serverClass}`);
  return identified(
    service,
    `${serverClass} ${release} answers in Db2's protocol`,
    `${serverClass} answers where Db2 was expected`,
  );
}

// DDM's code points.
const codePoints = {
  excsat: 0x1041,
  excsatrd: 0x1443,
  externalName: 0x115e,
  serverName: 0x116d,
  serverRelease: 0x115a,
  serverClass: 0x1147,
  managerLevels: 0x1404,
} as const;

// What a server may answer to a command that it does not take, DDM's reply messages.
const replyMessages: Readonly<Record<number, string>> = {
  4624: 'MGRLVLRM, a conflict of levels',
  4636: 'CMDATHRM, no authority',
  4658: 'AGNPRMRM, a permanent error',
  4659: 'RSCLMTRM, a limit of resources',
  4677: 'PRCCNVRM, a breach of the protocol',
  4684: 'SYNTAXRM, an error of syntax',
  4688: 'CMDNSPRM, an unknown command',
  4689: 'PRMNSPRM, an unknown parameter',
  4690: 'VALNSPRM, an unknown value',
  4692: 'CMDCHKRM, a failed command',
};

// The agent at level 7, SQL, the database, security and TCP/IP at level 8: a server that has less answers with less.
const managerLevels = Buffer.from('1403000724070008240f00081440000814740008', 'hex');

const dssMagic = 0xd0;
const dssHeaderLength = 6;
const objectHeaderLength = 4;
const dssTypes = { request: 1, reply: 2, object: 3 } as const;
const correlation = 1;
// An EXCSATRD has five parameters, three of them texts of at most 255 bytes.
const longestReply = 2048;

const excsat = dss(
  object(codePoints.excsat, [
    object(codePoints.externalName, [toEbcdic('portolan')]),
    object(codePoints.serverName, [toEbcdic('portolan')]),
    object(codePoints.serverRelease, [toEbcdic('portolan')]),
    object(codePoints.managerLevels, [managerLevels]),
    object(codePoints.serverClass, [toEbcdic('portolan')]),
  ]),
);

function object(codePoint: number, parts: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(objectHeaderLength);
  const body = Buffer.concat(parts);
  header.writeUInt16BE(objectHeaderLength + body.length, 0);
  header.writeUInt16BE(codePoint, 2);
  return Buffer.concat([header, body]);
}

function dss(command: Buffer): Buffer {
  const header = Buffer.from([0, 0, dssMagic, dssTypes.request, 0, correlation]);
  header.writeUInt16BE(dssHeaderLength + command.length, 0);
  return Buffer.concat([header, command]);
}

interface Attributes {
  readonly kind: 'attributes';
  /** SRVCLSNM: `QDB2/LINUXX8664`; empty where it was left out. */
  readonly serverClass: string;
  /** SRVRLSLV: `SQL11055`; empty where it was left out. */
  readonly release: string;
}
type Reply = Attributes | { readonly kind: 'refusal'; readonly name: string } | { readonly kind: 'stranger' };

function understandReply(bytes: Buffer): { readonly value: Reply; readonly length: number } | undefined {
  if (!mayBeReply(bytes)) return { value: { kind: 'stranger' }, length: 0 };
  if (bytes.length < dssHeaderLength) return undefined;
  const length = bytes.readUInt16BE(0);
  if (bytes.length < length) return undefined;
  const reply = parseReply(bytes.subarray(dssHeaderLength, length));
  return { value: reply ?? { kind: 'stranger' }, length: reply === undefined ? 0 : length };
}

/** Whether a stream that starts like this may still become the DSS of an answer. */
function mayBeReply(bytes: Buffer): boolean {
  const shortest = dssHeaderLength + objectHeaderLength;
  if (bytes.length >= 2 && (bytes.readUInt16BE(0) < shortest || bytes.readUInt16BE(0) > longestReply)) return false;
  if ((bytes[2] ?? dssMagic) !== dssMagic) return false;
  // The upper half says how it is chained to the next.
  const type = (bytes[3] ?? dssTypes.reply) & 0x0f;
  return type === dssTypes.reply || type === dssTypes.object;
}

function parseReply(body: Buffer): Attributes | { readonly kind: 'refusal'; readonly name: string } | undefined {
  if (body.readUInt16BE(0) !== body.length) return undefined;
  const codePoint = body.readUInt16BE(2);
  const parameters = readParameters(body.subarray(objectHeaderLength));
  if (parameters === undefined) return undefined;
  const text = (name: number) => fromEbcdic(parameters.get(name) ?? Buffer.alloc(0)).trim();
  if (codePoint === codePoints.excsatrd)
    return {
      kind: 'attributes',
      serverClass: text(codePoints.serverClass),
      release: text(codePoints.serverRelease),
    };
  const name = replyMessages[codePoint];
  return name === undefined ? undefined : { kind: 'refusal', name };
}

/** By code point; undefined where they do not fill their object exactly. */
function readParameters(bytes: Buffer): ReadonlyMap<number, Buffer> | undefined {
  const found = new Map<number, Buffer>();
  for (let at = 0; at < bytes.length; ) {
    if (bytes.length < at + objectHeaderLength) return undefined;
    const length = bytes.readUInt16BE(at);
    if (length < objectHeaderLength || at + length > bytes.length) return undefined;
    found.set(bytes.readUInt16BE(at + 2), bytes.subarray(at + objectHeaderLength, at + length));
    at += length;
  }
  return found;
}
