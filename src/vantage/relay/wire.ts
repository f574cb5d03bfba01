import type { Answer } from '../../model/observation.js';
import { decodeAnswer, wholeNumber } from '../../remote-program/answer-code.js';
import { decodeReady, type Ready, unescapeWord } from '../../remote-program/ready.js';

// What the controller and a relay say to each other, one line a sentence; STREAM is a number that is used once.
//
// To the relay:
//   o STREAM ADDRESS PORT   connect to a literal address
//   d STREAM HEX            bytes for the other side
//   f STREAM                there will be no more
//   w STREAM BYTES          so many bytes were taken: as many more may come
//   x STREAM                drop it, connected or not
//   h                       heartbeat
// From the relay, every line behind its nonce:
//   ready ENGINE INTERPRETER VERSION FEATURES
//   c STREAM MICROSECONDS   connected; `-` where the time cannot be told
//   e STREAM CODE           not connected; CODE as an engine's, or s:TEXT: what strerror(3) said
//   d STREAM HEX            bytes from the other side
//   f STREAM                it will send no more
//   w STREAM BYTES          so many bytes were given to the kernel: as many more may come
//   r STREAM ERRNO          the connection broke
//   h                       heartbeat, heard
//
// Lines of hexadecimal digits and no frames of bytes: whatever else the node prints is told apart at every line, not at
// the first only; a way that is not transparent for every byte, a terminal say, does no harm; and bash can read and write
// them, which has no other means for a NUL. What a relay carries is small: it speaks with services, it does not load.

/** Bytes of one stream that may be under way, each way; the relay programs have the same number. */
export const windowBytes = 16_384;
/** Bytes in one line: bash reads lines of it at a bearable cost. */
const pieceBytes = 1024;

export type RelayMessage =
  | Ready
  | { readonly type: 'alive' }
  | { readonly type: 'connected'; readonly stream: number; readonly connectUs: number | undefined }
  | { readonly type: 'failed'; readonly stream: number; readonly answer: Answer }
  | { readonly type: 'failed-saying'; readonly stream: number; readonly text: string }
  | { readonly type: 'data'; readonly stream: number; readonly bytes: Buffer }
  | { readonly type: 'end'; readonly stream: number }
  | { readonly type: 'taken'; readonly stream: number; readonly count: number }
  | { readonly type: 'broken'; readonly stream: number; readonly errno: string };

/** The lines that carry bytes to a stream. */
export function encodeData(stream: number, bytes: Buffer): string {
  let lines = '';
  for (let at = 0; at < bytes.length; at += pieceBytes)
    lines += `d ${stream} ${bytes.toString('hex', at, at + pieceBytes)}\n`;
  return lines;
}

/** Reads what follows the nonce; undefined where it is no sentence of this language. */
export function decodeRelayMessage(text: string): RelayMessage | undefined {
  const [word, ...fields] = text.trimEnd().split(' ');
  if (word === 'ready') return decodeReady(fields);
  if (word === 'h') return { type: 'alive' };
  const stream = wholeNumber(fields[0]);
  const field = fields[1] ?? '';
  if (stream === undefined) return undefined;
  switch (word) {
    case 'c':
      return { type: 'connected', stream, connectUs: wholeNumber(field) };
    case 'e': {
      if (field.startsWith('s:')) return { type: 'failed-saying', stream, text: unescapeWord(field.slice(2)) };
      const answer = decodeAnswer(field, '');
      return answer && { type: 'failed', stream, answer };
    }
    case 'd':
      return /^(?:[0-9a-f]{2})+$/.test(field) ? { type: 'data', stream, bytes: Buffer.from(field, 'hex') } : undefined;
    case 'f':
      return { type: 'end', stream };
    case 'w': {
      const count = wholeNumber(field);
      return count === undefined ? undefined : { type: 'taken', stream, count };
    }
    case 'r':
      return { type: 'broken', stream, errno: field };
    default:
      return undefined;
  }
}
