import { createHash, randomBytes } from 'node:crypto';

/** What an HTTP server answers to an upgrade. */
export interface UpgradeAnswer {
  /** `HTTP/1.1 101 Switching Protocols`. */
  readonly statusLine: string;
  readonly status: number;
  /** Of the header Sec-WebSocket-Accept. */
  readonly accept: string | undefined;
}

/** RFC 6455, 4.1: the 16 random bytes that mark a handshake. */
export const newKey = (): string => randomBytes(16).toString('base64');

/** RFC 6455, 4.1. `authority`: of the URL, `db1.example:8563`. */
export function upgradeRequest(authority: string, key: string): Buffer {
  const lines = [
    'GET / HTTP/1.1',
    `Host: ${authority}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${key}`,
    'Sec-WebSocket-Version: 13',
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

/** RFC 6455, 4.2.2: what only somebody who speaks WebSocket makes of a key. */
export function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}

/** Undefined asks for more; `stranger`: this is no HTTP. */
export function understandUpgrade(
  bytes: Buffer,
): { readonly value: UpgradeAnswer | 'stranger'; readonly length: number } | undefined {
  const text = bytes.toString('latin1');
  if (!'HTTP/1.'.startsWith(text.slice(0, 7))) return { value: 'stranger', length: 0 };
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return bytes.length > longestHead ? { value: 'stranger', length: 0 } : undefined;
  const [statusLine = '', ...headers] = text.slice(0, end).split('\r\n');
  const status = /^HTTP\/1\.\d (\d{3})(?: |$)/.exec(statusLine)?.[1];
  if (status === undefined) return { value: 'stranger', length: 0 };
  const accept = headers.map((line) => /^Sec-WebSocket-Accept:\s*(\S+)\s*$/i.exec(line)?.[1]).find((each) => each);
  return { value: { statusLine, status: Number(status), accept }, length: end + 4 };
}

const longestHead = 16 * 1024;

/** RFC 6455, 5.5.1 and 7.4.1: the end of a connection that has served its purpose, 1000, masked as a client has to. */
export function closeFrame(): Buffer {
  const mask = randomBytes(4);
  const code = Buffer.from([0x03, 0xe8]).map((byte, index) => byte ^ mask[index]!);
  return Buffer.concat([Buffer.from([0x88, 0x82]), mask, code]);
}
