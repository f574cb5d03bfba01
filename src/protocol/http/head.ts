/** The head of an HTTP answer: its status line and its headers. */
export interface Head {
  readonly status: number;
  readonly reason: string;
  /** `HTTP/1.0` answers end with the connection unless they say otherwise. */
  readonly minor: number;
  /** By name in lower case; values of the same name joined with a comma (RFC 9110, 5.3). */
  readonly headers: ReadonlyMap<string, string>;
}

/** What the first bytes of the other side are. `malformed`: HTTP that no client would take; `why` is a clause. */
export type Opening =
  | { readonly kind: 'head'; readonly head: Head }
  | { readonly kind: 'malformed'; readonly why: string }
  | { readonly kind: 'stranger' };

const prefix = 'HTTP/1.';
/** More than any server sends, and than most clients take: nginx and Node's own client stop at 16 kB. */
const longestHead = 65_536;

/** The head that these bytes begin with, and its length; undefined while it may still become one. */
export function readHead(bytes: Buffer): { readonly value: Opening; readonly length: number } | undefined {
  if (!mayBeHttp(bytes)) return { value: { kind: 'stranger' }, length: 0 };
  const length = headLength(bytes);
  if (length !== undefined && length <= longestHead) {
    return { value: parseHead(bytes.toString('latin1', 0, length)), length };
  }
  return bytes.length < longestHead ? undefined : malformed('whose headers do not end within 64 kB');
}

function mayBeHttp(bytes: Buffer): boolean {
  return prefix.startsWith(bytes.toString('latin1', 0, prefix.length));
}

function malformed(why: string): { readonly value: Opening; readonly length: number } {
  return { value: { kind: 'malformed', why }, length: 0 };
}

// A line may end with a bare LF (RFC 9112, 2.2); the empty one ends the head.
function headLength(bytes: Buffer): number | undefined {
  for (let end = bytes.indexOf(0x0a); end !== -1; end = bytes.indexOf(0x0a, end + 1)) {
    if (bytes[end + 1] === 0x0a) return end + 2;
    if (bytes[end + 1] === 0x0d && bytes[end + 2] === 0x0a) return end + 3;
  }
  return undefined;
}

function parseHead(text: string): Opening {
  // A line that begins with white space goes on with the one before it (RFC 9112, 5.2).
  const [statusLine = '', ...lines] = text
    .trimEnd()
    .replace(/\r?\n[ \t]+/g, ' ')
    .split(/\r?\n/);
  const status = /^HTTP\/1\.(\d) (\d{3})(?: (.*))?$/.exec(statusLine);
  if (status === null) return { kind: 'malformed', why: 'with a status line that no client understands' };
  const headers = new Map<string, string>();
  for (const line of lines) {
    const header = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line);
    if (header === null) return { kind: 'malformed', why: 'with a header line that no client understands' };
    const name = header[1]!.toLowerCase();
    const before = headers.get(name);
    headers.set(name, before === undefined ? header[2]! : `${before}, ${header[2]!}`);
  }
  return {
    kind: 'head',
    head: { status: Number(status[2]), reason: status[3] ?? '', minor: Number(status[1]), headers },
  };
}
