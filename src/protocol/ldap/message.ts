import { BerError, type Element, readElement, readElements, writeElement } from './ber.js';

// RFC 4511, 4.2 to 4.14: [APPLICATION n], constructed where it has parts.
const operations = {
  unbindRequest: 0x42,
  searchRequest: 0x63,
  searchResultEntry: 0x64,
  searchResultDone: 0x65,
  searchResultReference: 0x73,
  extendedRequest: 0x77,
  extendedResponse: 0x78,
} as const;

const universal = { boolean: 0x01, integer: 0x02, octetString: 0x04, enumerated: 0x0a, sequence: 0x30 } as const;

export interface Result {
  readonly code: number;
  readonly message: string;
}

/** What a server says, as far as it matters here. */
export type Message =
  /** Attributes by their names in lower case. */
  | { readonly kind: 'entry'; readonly attributes: ReadonlyMap<string, readonly string[]> }
  | { readonly kind: 'reference' }
  | { readonly kind: 'done'; readonly result: Result }
  /** The answer to StartTLS, or the Notice of Disconnection, which nobody asked for (RFC 4511, 4.4.1). */
  | { readonly kind: 'extended'; readonly asked: boolean; readonly result: Result };

/** Reads one message; undefined where more bytes are needed, a value of undefined where they are not LDAP. */
export function readMessage(
  bytes: Buffer,
): { readonly value: Message | undefined; readonly length: number } | undefined {
  if (bytes.length > 0 && bytes[0] !== universal.sequence) return { value: undefined, length: 0 };
  try {
    const element = readElement(bytes);
    return element && { value: parseMessage(element.content), length: element.length };
  } catch (error) {
    if (error instanceof BerError) return { value: undefined, length: 0 };
    throw error;
  }
}

function parseMessage(content: Buffer): Message {
  const [id, operation] = readElements(content);
  const asked = integer(id, universal.integer) !== 0;
  switch (operation?.tag) {
    case operations.searchResultEntry:
      return { kind: 'entry', attributes: parseAttributes(operation.content) };
    case operations.searchResultReference:
      return { kind: 'reference' };
    case operations.searchResultDone:
      return { kind: 'done', result: parseResult(operation.content) };
    case operations.extendedResponse:
      return { kind: 'extended', asked, result: parseResult(operation.content) };
    default:
      throw new BerError('no answer to a search or an extended request');
  }
}

function parseResult(content: Buffer): Result {
  const [code, , message] = readElements(content);
  return { code: integer(code, universal.enumerated), message: message?.content.toString('utf8') ?? '' };
}

function parseAttributes(content: Buffer): ReadonlyMap<string, readonly string[]> {
  const [, attributes] = readElements(content);
  if (attributes === undefined) throw new BerError('an entry without attributes');
  const pairs = readElements(attributes.content).map(({ content }) => {
    const [name, values] = readElements(content);
    if (name === undefined || values === undefined) throw new BerError('an attribute without a value');
    const texts = readElements(values.content).map((value) => value.content.toString('utf8'));
    return [name.content.toString('utf8').toLowerCase(), texts] as const;
  });
  return new Map(pairs);
}

/** Of a non-negative one, of up to six bytes: a message's number or a result's code. */
function integer(element: Element | undefined, tag: number): number {
  const size = element?.content.length ?? 0;
  if (element?.tag !== tag || size < 1 || size > 6) throw new BerError('no number where there must be one');
  return element.content.readUIntBE(0, size);
}

const small = (tag: number, value: number) => writeElement(tag, Buffer.from([value]));
const request = (id: number, operation: Buffer) =>
  writeElement(universal.sequence, small(universal.integer, id), operation);

/** Asks the root DSE for these attributes, or for all that are no operational ones. `id`: 1 to 127. */
export function rootDseRequest(id: number, attributes: readonly string[]): Buffer {
  return request(
    id,
    writeElement(
      operations.searchRequest,
      writeElement(universal.octetString, ''),
      // The base object alone, no aliases, one entry, no limit of time but the server's, values too.
      small(universal.enumerated, 0),
      small(universal.enumerated, 0),
      small(universal.integer, 1),
      small(universal.integer, 0),
      small(universal.boolean, 0),
      // (objectClass=*)
      writeElement(0x87, 'objectClass'),
      writeElement(universal.sequence, ...attributes.map((name) => writeElement(universal.octetString, name))),
    ),
  );
}

/** RFC 4511, 4.14. */
export function startTlsRequest(id: number): Buffer {
  return request(id, writeElement(operations.extendedRequest, writeElement(0x80, '1.3.6.1.4.1.1466.20037')));
}

/** The end of a session: nothing answers it. */
export function unbindRequest(id: number): Buffer {
  return request(id, writeElement(operations.unbindRequest));
}
