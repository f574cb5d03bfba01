/** One element of BER (X.690) as LDAP restricts it: definite lengths, tags of one byte (RFC 4511, 5.1). */
export interface Element {
  readonly tag: number;
  readonly content: Buffer;
  /** Of the whole element, in bytes. */
  readonly length: number;
}

/** What no reader of LDAP may accept. */
export class BerError extends Error {}

// A root DSE has a few kilobytes; whoever announces more is a stranger whose bytes look like a length.
const longestContent = 262_144;

/** The element at the beginning of these bytes; undefined where more bytes are needed. Throws a BerError. */
export function readElement(bytes: Buffer): Element | undefined {
  const [tag, first] = bytes;
  if (tag !== undefined && (tag & 0x1f) === 0x1f) throw new BerError('a tag of several bytes');
  if (tag === undefined || first === undefined) return undefined;
  if (first < 0x80) return elementOf(bytes, tag, 2, first);
  const size = first & 0x7f;
  if (size === 0 || size > 4) throw new BerError('a length that LDAP does not allow');
  if (bytes.length < 2 + size) return undefined;
  return elementOf(bytes, tag, 2 + size, bytes.readUIntBE(2, size));
}

function elementOf(bytes: Buffer, tag: number, start: number, size: number): Element | undefined {
  if (size > longestContent) throw new BerError(`an element of ${size} bytes`);
  const length = start + size;
  return bytes.length < length ? undefined : { tag, content: bytes.subarray(start, length), length };
}

/** The elements that a constructed one consists of. Throws a BerError where the last is cut off. */
export function readElements(content: Buffer): readonly Element[] {
  const elements: Element[] = [];
  for (let at = 0; at < content.length; ) {
    const element = readElement(content.subarray(at));
    if (element === undefined) throw new BerError('an element that is cut off');
    elements.push(element);
    at += element.length;
  }
  return elements;
}

export function writeElement(tag: number, ...contents: readonly (Buffer | string)[]): Buffer {
  const content = Buffer.concat(contents.map((each) => Buffer.from(each as Buffer)));
  if (content.length < 0x80) return Buffer.concat([Buffer.from([tag, content.length]), content]);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(content.length);
  return Buffer.concat([Buffer.from([tag, 0x84]), size, content]);
}
