import type { Understand } from '../conversation.js';

/** A frame of HTTP/2 (RFC 9113, 4.1). */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

export const frameTypes = {
  data: 0x0,
  headers: 0x1,
  resetStream: 0x3,
  settings: 0x4,
  ping: 0x6,
  goAway: 0x7,
  continuation: 0x9,
} as const;

export const frameFlags = { ack: 0x1, endStream: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 } as const;

const headerLength = 9;
/** SETTINGS_MAX_FRAME_SIZE of a client that says nothing of it. */
const longestPayload = 16384;

/** The client's connection preface, without the SETTINGS that follow (RFC 9113, 3.4). */
export const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

export function writeFrame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(headerLength);
  header.writeUIntBE(payload.length, 0, 3);
  header[3] = type;
  header[4] = flags;
  header.writeUInt32BE(stream, 5);
  return Buffer.concat([header, payload]);
}

/** The next frame; `stranger` where no frame that a server may send begins like this. */
export const readFrame: Understand<Frame | 'stranger'> = (bytes) => {
  if (bytes.length < 3) return undefined;
  const length = bytes.readUIntBE(0, 3);
  if (length > longestPayload) return { value: 'stranger', length: 0 };
  if (bytes.length < headerLength + length) return undefined;
  const frame = {
    type: bytes[3]!,
    flags: bytes[4]!,
    stream: bytes.readUInt32BE(5) & 0x7fffffff,
    payload: bytes.subarray(headerLength, headerLength + length),
  };
  return { value: frame, length: headerLength + length };
};

/** The server's connection preface: a SETTINGS frame before any other. */
export const readPreface: Understand<Frame | 'stranger'> = (bytes) => {
  const stranger = { value: 'stranger', length: 0 } as const;
  const header = [frameTypes.settings, 0, 0, 0, 0, 0];
  if (bytes.subarray(3, headerLength).some((byte, k) => byte !== header[k])) return stranger;
  if (bytes.length >= 3 && bytes.readUIntBE(0, 3) % 6 !== 0) return stranger;
  return readFrame(bytes);
};

/** The payload of a DATA or HEADERS frame without padding and priority; undefined where they do not fit into it. */
export function contentOf({ type, flags, payload }: Frame): Buffer | undefined {
  const padded = (flags & frameFlags.padded) !== 0;
  const start = (padded ? 1 : 0) + (type === frameTypes.headers && flags & frameFlags.priority ? 5 : 0);
  const end = payload.length - (padded ? (payload[0] ?? 0) : 0);
  return start <= end ? payload.subarray(start, end) : undefined;
}

// RFC 9113, 7.
const errorNames = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
];

/** The error that a RST_STREAM or GOAWAY frame gives as its reason. */
export function errorOf({ type, payload }: Frame): string {
  const at = type === frameTypes.goAway ? 4 : 0;
  if (payload.length < at + 4) return 'no reason';
  const code = payload.readUInt32BE(at);
  return errorNames[code] ?? `error ${code}`;
}
