import { mayBeMysql, parseFirstPacket, productOf } from './mysql/greeting.js';
import { readPacket } from './mysql/packet.js';
import { quoteLine } from './quote.js';

/**
 * Who speaks with these bytes, in words: for a dialogue that met something else than it expected. They may be any bytes,
 * and any part of what was said; text that would differ from one connection to the next (a time, a challenge) is left out,
 * for answers with the same text are grouped.
 */
export function describeStranger(bytes: Buffer): string {
  const text = bytes.toString('latin1');
  for (const [pattern, who] of speakers) {
    if (pattern.test(text)) return says(`${who} answers`, constantPart(text));
  }
  for (const recognise of recognisers) {
    const found = recognise(bytes);
    if (found !== undefined) return found;
  }
  const line = constantPart(text);
  return line === '' ? `something answers in an unknown protocol: ${hex(bytes)}` : `something else answers: ${line}`;
}

/** Those who are known by how their first line begins; the first that fits is it. */
const speakers: readonly (readonly [RegExp, string])[] = [
  [/^HTTP\/[12]/, 'an HTTP server'],
  [/^SSH-/, 'an SSH server'],
  // All the words that an error of Redis 7 begins with (grep '"-[A-Z]' in its source), and the answer to PING.
  [
    /^(?:\+PONG\r|-(?:ERR|DENIED|NO(?:AUTH|PERM|PROTO)|LOADING|MISCONF|BUSY|MASTERDOWN|CLUSTERDOWN|WRONG(?:PASS|TYPE))\b)/,
    'Redis',
  ],
  // RFC 5321, 4.2 and RFC 959, 4.2: the same replies, which only the text tells apart; 354, 451 and 55x 5.x.x are mail's.
  [/^[245]\d\d[ -](?:[^\r\n]*\b(?:E?SMTP|Postfix|Exim|Sendmail)\b|[245]\.\d\.\d )/i, 'an SMTP server'],
  [/^(?:[245]\d\d[ -][^\r\n]*(?:FTP|FileZilla|USER and PASS)|500 OOPS:)/i, 'an FTP server'],
  [/^(?:220|421)[ -]/, 'an FTP or SMTP server'],
  [/^20[01] [^\r\n]*(?:NNTP|NNRP|InterNetNews|posting)/i, 'an NNTP server'],
  [/^\* (?:OK|PREAUTH|BYE|BAD)\b/, 'an IMAP server'],
  // RFC 1939; Redis says "+OK" and nothing else in that line.
  [/^\+OK [^\r\n]/, 'a POP3 server'],
  // RFC 6143, 7.1.1.
  [/^RFB \d{3}\.\d{3}/, 'a VNC server'],
  [/^@RSYNCD:/, 'an rsync server'],
  [/^INFO \{/, 'a NATS server'],
];

/** Those who are known by their bytes. */
const recognisers: readonly ((bytes: Buffer) => string | undefined)[] = [
  tls,
  mysql,
  mysqlX,
  postgres,
  ldap,
  http2,
  drda,
  remoteDesktop,
  zeroMq,
  // AMQP 0-9-1, 4.2.2: whoever sends another header is sent the right one.
  (bytes) => (bytes.length >= 8 && bytes.toString('latin1', 0, 4) === 'AMQP' ? 'an AMQP server answers' : undefined),
  // RFC 854: IAC, and WILL, WONT, DO or DONT.
  (bytes) => (bytes[0] === 0xff && bytes[1]! >= 0xfb && bytes[1]! <= 0xfe ? 'a Telnet server answers' : undefined),
];

// RFC 8446, 5.1: the type of a record, and 3 for all versions.
function tls(bytes: Buffer): string | undefined {
  if (bytes[1] !== 3 || bytes.length < 3) return undefined;
  if (bytes[0] === 0x16) return 'a TLS server answers with a handshake';
  if (bytes[0] !== 0x15) return undefined;
  return says('a TLS server answers with an alert', alerts.get(bytes[6]) ?? '');
}

// RFC 8446, 6.2: those that plain text, or another version of TLS, brings on.
const alerts: ReadonlyMap<number | undefined, string> = new Map([
  [10, 'unexpected_message'],
  [22, 'record_overflow'],
  [40, 'handshake_failure'],
  [47, 'illegal_parameter'],
  [50, 'decode_error'],
  [70, 'protocol_version'],
  [80, 'internal_error'],
]);

function mysql(bytes: Buffer): string | undefined {
  const first = mayBeMysql(bytes) ? parseFirstPacket(readPacket(bytes)?.value.payload ?? Buffer.alloc(0)) : undefined;
  if (first === undefined) return undefined;
  return says('a MySQL server answers', first.kind === 'greeting' ? productOf(first.version) : `error ${first.code}`);
}

// The X protocol's first frame is a NOTICE, type 11, of length 5.
function mysqlX(bytes: Buffer): string | undefined {
  return bytes.length >= 5 && bytes.readUInt32LE(0) === 5 && bytes[4] === 11
    ? 'MySQL answers with its X protocol, which clients of this flow do not speak'
    : undefined;
}

// https://www.postgresql.org/docs/current/protocol-message-formats.html: E, the length, and fields of a letter and a text.
function postgres(bytes: Buffer): string | undefined {
  if (bytes[0] !== 0x45 || bytes.length < 7 || bytes[5] !== 0x53 || bytes.readUInt32BE(1) > 0xffff) return undefined;
  const message = /\0M([^\0]*)\0/.exec(bytes.toString('latin1'))?.[1] ?? '';
  return says('PostgreSQL answers', quoteLine(message));
}

// RFC 4511, 4.1.1: a SEQUENCE of a message's number and an operation, a response; 0x78 is the notice of disconnection.
function ldap(bytes: Buffer): string | undefined {
  if (bytes[0] !== 0x30 || bytes.length < 7) return undefined;
  const length = bytes[1]! < 0x80 ? 2 : 2 + (bytes[1]! & 0x7f);
  if (bytes[length] !== 0x02 || length > 6) return undefined;
  const operation = bytes[length + 2 + bytes[length + 1]!];
  return [0x61, 0x64, 0x65, 0x73, 0x78].includes(operation ?? 0) ? 'an LDAP server answers' : undefined;
}

// RFC 9113, 3.4 and 6.8: the server's preface is a SETTINGS frame, type 4, on stream 0; GOAWAY, type 7, may be all there is.
function http2(bytes: Buffer): string | undefined {
  const isFrame = bytes.length >= 9 && bytes.readUIntBE(0, 3) <= 16384 && bytes.readUInt32BE(5) === 0;
  return isFrame && (bytes[3] === 4 || bytes[3] === 7) ? 'an HTTP/2 server answers' : undefined;
}

// DRDA, volume 3, DSS: the length, the magic byte, and a reply, whatever it is chained to.
function drda(bytes: Buffer): string | undefined {
  return bytes.length >= 10 && bytes[2] === 0xd0 && (bytes[3]! & 0x0f) === 2
    ? 'a DRDA server, such as Db2 or Derby, answers'
    : undefined;
}

// RFC 1006 and X.224, 13.4: version 3, the length, and the confirmation of a connection.
function remoteDesktop(bytes: Buffer): string | undefined {
  return bytes[0] === 3 && bytes[1] === 0 && bytes[5] === 0xd0 ? 'an RDP server answers' : undefined;
}

// https://rfc.zeromq.org/spec/23: the signature, which both sides send unasked.
function zeroMq(bytes: Buffer): string | undefined {
  return bytes[0] === 0xff && bytes[9] === 0x7f && bytes.readUInt32BE(1) === 0 ? 'a ZeroMQ peer answers' : undefined;
}

function says(who: string, quoted: string): string {
  return quoted === '' ? who : `${who}: ${quoted}`;
}

/**
 * The first line as far as it is the same for every connection: up to a date or a time (mail servers greet with one), to a
 * challenge in angle brackets (POP3), to an identity in braces (NATS), or to Redis's quotation of what was sent, which may be random.
 */
function constantPart(text: string): string {
  return quoteLine(text.replace(text.startsWith('-') ? /\s*[`'].*/s : variable, ''));
}

const variable = /[;,]?\s*(?:\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b|\d\d?:\d\d|[<{]).*/s;

function hex(bytes: Buffer): string {
  const shown = bytes.subarray(0, 12).toString('hex');
  return bytes.length > 12 ? `${shown}…` : shown;
}
