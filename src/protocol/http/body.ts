import type { Head } from './head.js';

/** How much of a body is read, framing included; what comes after is not looked at. */
export const longestBody = 65_536;

/** How one tells where a body ends (RFC 9112, 6.3). */
export type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'close' };

/** Undefined where the headers contradict each other, which no client may put up with. */
export function framingOf(method: string, { status, headers }: Head): Framing | undefined {
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return { kind: 'none' };
  const coding = headers.get('transfer-encoding');
  if (coding !== undefined) return { kind: /(?:^|,)[ \t]*chunked$/i.test(coding) ? 'chunked' : 'close' };
  const said = headers.get('content-length');
  if (said === undefined) return { kind: 'close' };
  const [length = '', ...others] = new Set(said.split(',').map((each) => each.trim()));
  return others.length === 0 && /^\d{1,15}$/.test(length) ? { kind: 'length', length: Number(length) } : undefined;
}

/**
 * A body as far as it was read. `whole`: to its end; `long`: up to {@link longestBody}; `broken`: its chunks are none;
 * `cut`: the other side closed before its end; `silent`: its end did not come in time.
 */
export interface Body {
  readonly end: 'whole' | 'long' | 'broken' | 'cut' | 'silent';
  readonly bytes: Buffer;
}

const nothing = Buffer.alloc(0);

/** The body that these bytes begin with, and the bytes it takes; undefined while there may be more of it. */
export function readBody(
  framing: Framing,
  bytes: Buffer,
): { readonly value: Body; readonly length: number } | undefined {
  // Looked at in one piece or in many, it is the same body.
  const start = bytes.subarray(0, longestBody);
  const read = readFramed(framing, start);
  if (read !== undefined) return read;
  if (start.length < longestBody) return undefined;
  return { value: { end: 'long', bytes: partOf(framing, start) }, length: longestBody };
}

/** What there is of a body that does not go on. */
export function unfinishedBody(framing: Framing, kind: 'closed' | 'silence', bytes: Buffer): Body {
  if (kind === 'closed' && framing.kind === 'close') return { end: 'whole', bytes };
  return { end: kind === 'closed' ? 'cut' : 'silent', bytes: partOf(framing, bytes) };
}

function readFramed(framing: Framing, bytes: Buffer): { readonly value: Body; readonly length: number } | undefined {
  switch (framing.kind) {
    case 'none':
      return { value: { end: 'whole', bytes: nothing }, length: 0 };
    case 'length': {
      if (bytes.length < framing.length) return undefined;
      return { value: { end: 'whole', bytes: bytes.subarray(0, framing.length) }, length: framing.length };
    }
    case 'chunked': {
      const { end, data, length } = readChunks(bytes);
      return end === 'more' ? undefined : { value: { end, bytes: data }, length };
    }
    case 'close':
      return undefined;
  }
}

function partOf(framing: Framing, bytes: Buffer): Buffer {
  return framing.kind === 'chunked' ? readChunks(bytes).data : bytes;
}

interface Chunks {
  readonly end: 'whole' | 'broken' | 'more';
  readonly data: Buffer;
  readonly length: number;
}

/** RFC 9112, 7.1: the size in hexadecimal, extensions, CRLF, the data, CRLF; a size of 0, trailers and an empty line end it. */
function readChunks(bytes: Buffer): Chunks {
  const data: Buffer[] = [];
  const ended = (end: Chunks['end'], length: number): Chunks => ({ end, data: Buffer.concat(data), length });
  let at = 0;
  for (;;) {
    const line = readLine(bytes, at);
    if (line === undefined) return ended('more', at);
    const size = /^([0-9A-Fa-f]{1,8})[ \t]*(?:;.*)?$/.exec(line.text);
    if (size === null) return ended('broken', at);
    const length = Number.parseInt(size[1]!, 16);
    if (length === 0) return afterLastChunk(bytes, line.next, ended);
    data.push(bytes.subarray(line.next, line.next + length));
    const close = readLine(bytes, line.next + length);
    if (close === undefined) return ended('more', at);
    if (close.text !== '') return ended('broken', at);
    at = close.next;
  }
}

function afterLastChunk(bytes: Buffer, from: number, ended: (end: Chunks['end'], length: number) => Chunks): Chunks {
  for (let at = from; ; ) {
    const line = readLine(bytes, at);
    if (line === undefined) return ended('more', at);
    at = line.next;
    if (line.text === '') return ended('whole', at);
  }
}

function readLine(bytes: Buffer, from: number): { readonly text: string; readonly next: number } | undefined {
  const end = bytes.indexOf(0x0a, from);
  if (end === -1) return undefined;
  return { text: bytes.toString('latin1', from, end).replace(/\r$/, ''), next: end + 1 };
}
