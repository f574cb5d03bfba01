import type { Duplex } from 'node:stream';
import * as z from 'zod';
import type { DialogueContext, Said } from '../model/dialogue.js';
import { type Conversation, conduct, type Heard } from './conversation.js';
import { defineService } from './definition.js';
import { closedEarly, identified, mismatch, notUnderstood, strange } from './outcome.js';
import { overTls, tlsRules } from './over-tls.js';

const settings = z.lazy(() =>
  z.strictObject({
    serviceName: z
      .string()
      // Letters, digits, $, # and _, with a domain: SERVICE_NAMES in the Database Reference. No parenthesis may get into the
      // descriptor; and connect data over 230 bytes would have to go into a packet of its own.
      .regex(/^[\w$#.-]{1,128}$/, 'the name of a database service')
      .meta({ description: 'Ask for this database service, as a client would. Default: a ping of the listener.' })
      .optional(),
    tls: tlsRules.meta({ description: 'The listener speaks TLS (TCPS); the rules for it.' }).optional(),
  }),
);
type Settings = z.infer<typeof settings>;

const service = 'oracle';

/**
 * Oracle's listener, asked as tnsping asks it (or, with a service name, as a client does). The protocol is not published:
 * packet layouts as in Wireshark's packet-tns.c and the thin driver of python-oracledb.
 */
export const oracle = defineService({
  service,
  title: 'a listener answers a TNS ping, or a CONNECT to the service that is named',
  settings,
  // TNS-12502 in listener.log: "listener received no CONNECT_DATA from client".
  bareConnects: 'logged',
  label: ({ serviceName, tls }) => [serviceName, tls && 'with TLS'].filter((part) => part !== undefined).join(' '),
  converse: (stream, { serviceName, tls }: Settings, context) => {
    const talk = (over: Duplex, left: DialogueContext) =>
      conduct(over, left, (conversation) => ask(conversation, serviceName));
    return tls === undefined ? talk(stream, context) : overTls(service, stream, tls, context, talk);
  },
});

async function ask(conversation: Conversation, serviceName: string | undefined): Promise<Said> {
  conversation.say(connectPacket(serviceName));
  let heard = await conversation.hear(understandReply);
  if (heard.kind === 'heard' && heard.value.kind === 'resend') {
    conversation.say(connectPacket(serviceName));
    heard = await conversation.hear(understandReply);
  }
  // A client that has been let in says that it leaves.
  if (heard.kind === 'heard' && heard.value.kind === 'accept') conversation.say(endOfFile);
  return judge(conversation, heard, serviceName);
}

async function judge(conversation: Conversation, heard: Heard<Reply>, serviceName: string | undefined): Promise<Said> {
  if (heard.kind === 'heard')
    return heard.value.kind === 'stranger' ? strange(service, conversation) : answered(heard.value, serviceName);
  if (heard.bytes.length > 0) return mismatch(service, 'an answer that begins as a TNS packet breaks off');
  if (heard.kind === 'closed')
    return closedEarly(service, 'without an answer, as a listener does whose tcp.validnode_checking bars the source');
  return notUnderstood(service, conversation, heard, 'an Oracle listener answers CONNECT');
}

/** What a listener said, by what was asked of it. */
function answered(reply: ListenerReply, serviceName: string | undefined): Said {
  const listener = reply.version === undefined ? 'an Oracle listener' : `Oracle listener ${reply.version}`;
  const asked = serviceName === undefined ? 'the ping' : `the service ${serviceName}`;
  switch (reply.kind) {
    case 'accept':
      return identified(
        service,
        serviceName === undefined ? `${listener} answers the ping` : `${listener} accepts a connection to ${asked}`,
      );
    case 'redirect':
      return identified(service, `${listener} redirects ${asked} to another address, which was not followed`);
    case 'resend':
      return identified(service, `${listener} answers`, 'it asked for the same packet again and again');
    case 'renegotiate':
      return identified(service, `${listener} hands ${asked} over to a server, which wants TLS negotiated anew`);
    case 'refuse':
      return refused(listener, reply.error, asked, serviceName);
  }
}

// Oracle's error messages, TNS-12150 and following: the listener is there, and says why nobody gets further.
const wanting: Readonly<Record<number, string>> = {
  12516: 'no handler is free for a new connection: the limit of processes may be reached',
  12518: 'the listener could not hand the connection over to the database',
  12519: 'no handler is free for a new connection: the limit of processes may be reached',
  12520: 'no handler is free for a new connection: the limit of processes may be reached',
  12526: 'the database is in restricted mode',
  12527: 'the database is in restricted mode or blocks new connections',
  12528: 'the database blocks new connections: it is starting or stopping',
};
const unknownServices: readonly number[] = [12505, 12514];

function refused(listener: string, error: number | undefined, asked: string, serviceName: string | undefined): Said {
  if (error === 0 && serviceName === undefined) return identified(service, `${listener} answers ${asked}`);
  const code = error === undefined ? '' : ` (TNS-${String(error).padStart(5, '0')})`;
  if (serviceName !== undefined && unknownServices.includes(error ?? 0))
    return mismatch(service, `${listener} answers, but does not know ${asked}${code}`);
  const wants = wanting[error ?? 0];
  const detail = `${listener} answers, and refuses ${asked}${code}`;
  // What makes a listener refuse a ping is its own affair; a client that is refused its service is not.
  return identified(service, detail, wants ?? (serviceName === undefined ? undefined : 'clients will be refused, too'));
}

const packetTypes = { connect: 1, accept: 2, refuse: 4, redirect: 5, data: 6, resend: 11 } as const;
// Of a RESEND: the server process that the listener has handed the connection to wants a TLS session of its own.
const renegotiateTls = 0x08;
const headerLength = 8;
// Version 3.12, compatible down to 3.00: what the tnsping of Oracle 11 to 21 sends. From 3.15 on lengths have four bytes.
const offeredVersion = 312;
const lowestVersion = 300;
// Answers to CONNECT take some hundred bytes; the default session data unit is the most that one may.
const longestReply = 8192;

/** CONNECT. Everything that a client may leave to the listener is zero. */
function connectPacket(serviceName: string | undefined): Buffer {
  const connectData = Buffer.from(
    serviceName === undefined
      ? '(CONNECT_DATA=(COMMAND=ping))'
      : `(DESCRIPTION=(CONNECT_DATA=(SERVICE_NAME=${serviceName})(CID=(PROGRAM=portolan)(HOST=)(USER=portolan))))`,
  );
  const body = Buffer.alloc(50);
  body.writeUInt16BE(offeredVersion, 0);
  body.writeUInt16BE(lowestVersion, 2);
  // Session data unit, transport data unit, characteristics of the transport, and a one that shows the byte order.
  body.writeUInt16BE(2048, 6);
  body.writeUInt16BE(32767, 8);
  body.writeUInt16BE(0x7f08, 10);
  body.writeUInt16BE(0x0100, 14);
  body.writeUInt16BE(connectData.length, 16);
  body.writeUInt16BE(headerLength + body.length, 18);
  return packet(packetTypes.connect, Buffer.concat([body, connectData]));
}

/** DATA without data, with the flag "end of file" (0x40): how clients take their leave. */
const endOfFile = packet(packetTypes.data, Buffer.from([0x00, 0x40]));

function packet(type: number, body: Buffer): Buffer {
  const header = Buffer.alloc(headerLength);
  header.writeUInt16BE(headerLength + body.length, 0);
  header[4] = type;
  return Buffer.concat([header, body]);
}

type ListenerReply =
  | { readonly kind: 'accept' | 'redirect' | 'resend' | 'renegotiate'; readonly version: string | undefined }
  | { readonly kind: 'refuse'; readonly version: string | undefined; readonly error: number | undefined };
type Reply = ListenerReply | { readonly kind: 'stranger' };

function understandReply(bytes: Buffer): { readonly value: Reply; readonly length: number } | undefined {
  if (!mayBeReply(bytes)) return { value: { kind: 'stranger' }, length: 0 };
  if (bytes.length < headerLength) return undefined;
  const length = bytes.readUInt16BE(0);
  if (bytes.length < length) return undefined;
  const reply = parseReply(bytes[4]!, bytes[5]!, bytes.subarray(headerLength, length));
  return reply === undefined ? { value: { kind: 'stranger' }, length: 0 } : { value: reply, length };
}

/** Whether a stream that starts like this may still become an answer to CONNECT: its two checksums are always zero. */
function mayBeReply(bytes: Buffer): boolean {
  if (bytes.length >= 2 && (bytes.readUInt16BE(0) < headerLength || bytes.readUInt16BE(0) > longestReply)) return false;
  if ([2, 3, 6, 7].some((at) => (bytes[at] ?? 0) !== 0)) return false;
  const { accept, refuse, redirect, resend } = packetTypes;
  return bytes.length < 5 || [accept, refuse, redirect, resend].some((type) => type === bytes[4]);
}

function parseReply(type: number, flags: number, body: Buffer): ListenerReply | undefined {
  const text = body.toString('latin1');
  const version = /\(VSNNUM=(\d{1,10})\)/.exec(text)?.[1];
  const release = version === undefined ? undefined : releaseOf(Number(version));
  switch (type) {
    // Version, options, two data units, byte order, and where the data is.
    case packetTypes.accept:
      return body.length >= 16 ? { kind: 'accept', version: release } : undefined;
    case packetTypes.redirect:
      return body.length >= 2 && body.readUInt16BE(0) > 0 ? { kind: 'redirect', version: release } : undefined;
    case packetTypes.resend:
      if (body.length > 0) return undefined;
      return { kind: (flags & renegotiateTls) === 0 ? 'resend' : 'renegotiate', version: release };
    default: {
      // Two bytes of reasons, the length of the text, the text.
      if (body.length < 4 || 4 + body.readUInt16BE(2) > body.length) return undefined;
      const error = /\(ERR=(\d{1,5})\)/.exec(text)?.[1];
      return { kind: 'refuse', version: release, error: error === undefined ? undefined : Number(error) };
    }
  }
}

/** `11.2.0.1.0` of VSNNUM; undefined for the 0 by which newer listeners keep it to themselves. */
function releaseOf(number: number): string | undefined {
  if (number === 0) return undefined;
  const part = (shift: number, bits: number) => (number >>> shift) & (2 ** bits - 1);
  const major = part(24, 8);
  // The parts took other bits from release 18 on (OCIServerRelease2).
  const widths =
    major >= 18
      ? ([
          [16, 8],
          [12, 4],
          [4, 8],
          [0, 4],
        ] as const)
      : ([
          [20, 4],
          [12, 8],
          [8, 4],
          [0, 8],
        ] as const);
  return [major, ...widths.map(([shift, bits]) => part(shift, bits))].join('.');
}
