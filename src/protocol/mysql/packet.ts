/** A packet of the MySQL client/server protocol: three bytes of length, one of sequence, the payload. */
export interface Packet {
  readonly sequence: number;
  readonly payload: Buffer;
}

const headerLength = 4;

/** The first packet of these bytes and the bytes it takes; undefined while it is incomplete. */
export function readPacket(bytes: Buffer): { readonly value: Packet; readonly length: number } | undefined {
  if (bytes.length < headerLength) return undefined;
  const length = headerLength + bytes.readUIntLE(0, 3);
  if (bytes.length < length) return undefined;
  return { value: { sequence: bytes[3]!, payload: bytes.subarray(headerLength, length) }, length };
}

export function writePacket({ sequence, payload }: Packet): Buffer {
  const header = Buffer.alloc(headerLength);
  header.writeUIntLE(payload.length, 0, 3);
  header[3] = sequence & 0xff;
  return Buffer.concat([header, payload]);
}

/** Text up to the next NUL, or to the end; and where the rest begins. */
export function readText(payload: Buffer, from: number): { readonly text: string; readonly next: number } {
  const nul = payload.indexOf(0, from);
  const end = nul === -1 ? payload.length : nul;
  return { text: payload.toString('utf8', from, end), next: Math.min(end + 1, payload.length) };
}
