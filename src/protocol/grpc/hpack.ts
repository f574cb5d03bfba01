/**
 * Reads header blocks of HPACK (RFC 7541), as far as an answer's few fields go. The client allows no dynamic table
 * (SETTINGS_HEADER_TABLE_SIZE 0), so that every field stands for itself.
 */

/** The fields in which we have an interest, by their names. Undefined where the block makes no sense. */
export function decodeHeaders(block: Buffer): Map<string, string> | undefined {
  const fields = new Map<string, string>();
  const reader = new Reader(block);
  while (!reader.atEnd) {
    const first = block[reader.position]!;
    if (first & 0x80) {
      const [name, value] = staticTable.get(reader.integer(7)) ?? [];
      if (name !== undefined && value !== undefined) fields.set(name, value);
      // A change of the dynamic table's size.
    } else if ((first & 0xe0) === 0x20) {
      reader.integer(5);
    } else {
      // Literal: with incremental indexing six bits of index, without it or never indexed four.
      const index = reader.integer((first & 0xc0) === 0x40 ? 6 : 4);
      const name = index === 0 ? reader.text() : staticTable.get(index)?.[0];
      const value = reader.text();
      if (name !== undefined && value !== undefined) fields.set(name, value);
    }
    if (reader.failed) return undefined;
  }
  return fields;
}

/** A header field that is neither indexed nor Huffman-coded: RFC 7541, 6.2.2. */
export function encodeHeader(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.from([0]), ...[name, value].map(encodeText)]);
}

function encodeText(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([encodeInteger(bytes.length, 7), bytes]);
}

function encodeInteger(value: number, bits: number): Buffer {
  const most = 2 ** bits - 1;
  if (value < most) return Buffer.from([value]);
  const bytes = [most];
  let rest = value - most;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}

// RFC 7541, appendix A: those entries that an answer of gRPC is told by.
const staticTable: ReadonlyMap<number, readonly [name: string, value?: string]> = new Map([
  [8, [':status', '200']],
  [9, [':status', '204']],
  [10, [':status', '206']],
  [11, [':status', '304']],
  [12, [':status', '400']],
  [13, [':status', '404']],
  [14, [':status', '500']],
  [31, ['content-type']],
]);

class Reader {
  position = 0;
  failed = false;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.position >= this.#bytes.length;
  }

  /** RFC 7541, 5.1. */
  integer(bits: number): number {
    const most = 2 ** bits - 1;
    let value = this.#byte() & most;
    if (value < most) return value;
    for (let shift = 0; shift <= 21; shift += 7) {
      const byte = this.#byte();
      value += (byte & 0x7f) * 2 ** shift;
      if ((byte & 0x80) === 0) return value;
    }
    this.failed = true;
    return 0;
  }

  /** RFC 7541, 5.2. Undefined where it holds what no field that matters does. */
  text(): string | undefined {
    const huffman = ((this.#bytes[this.position] ?? 0) & 0x80) !== 0;
    const length = this.integer(7);
    const bytes = this.#bytes.subarray(this.position, this.position + length);
    this.position += length;
    if (bytes.length < length) this.failed = true;
    return huffman ? decodeHuffman(bytes) : bytes.toString('latin1');
  }

  #byte(): number {
    const byte = this.#bytes[this.position++];
    if (byte === undefined) this.failed = true;
    return byte ?? 0;
  }
}

// RFC 7541, appendix B. The code is canonical: the symbols of one length have consecutive codes, and each length goes on
// where the one before it ended. By length, from 5 bits on; beyond 15 bits there is nothing that belongs into such a field.
const symbolsByLength = [
  '012aceiost',
  ' %-./3456789=A_bdfghlmnpru',
  ':BCDEFGHIJKLMNOPQRSTUVWYjkqvwxyz',
  '&*,;XZ',
  '',
  '!"()?',
  "'+|",
  '#>',
  '\0$@[]~',
  '^}',
  '<`{',
];
const shortestCode = 5;

/** Undefined where the text has a character that is written with more than 15 bits. */
export function decodeHuffman(bytes: Buffer): string | undefined {
  let text = '';
  let code = 0;
  let length = 0;
  let firstCode = 0;
  for (let position = 0; position < bytes.length * 8; position++) {
    code = (code << 1) | ((bytes[position >> 3]! >> (7 - (position & 7))) & 1);
    length++;
    if (length < shortestCode) continue;
    const symbols = symbolsByLength[length - shortestCode];
    if (symbols === undefined) return undefined;
    const symbol = symbols[code - firstCode];
    if (symbol === undefined) {
      firstCode = (firstCode + symbols.length) << 1;
      continue;
    }
    text += symbol;
    code = 0;
    length = 0;
    firstCode = 0;
  }
  // What is left is padding.
  return text;
}
