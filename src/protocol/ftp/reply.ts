/** A reply of an FTP server: RFC 959, 4.2. */
export interface Reply {
  readonly code: number;
  /** Its lines without their codes. */
  readonly text: string;
}

// Banners with the terms of use have a kilobyte or two.
const longestReply = 16_384;

/**
 * Reads one reply, of one line or many; undefined where more bytes are needed, and a value of undefined where no bytes can
 * make them one. A reply of many lines begins with its code and `-`, and ends with the line of the same code and a space.
 */
export function readReply(bytes: Buffer): { readonly value: Reply | undefined; readonly length: number } | undefined {
  const text = bytes.toString('latin1');
  const noReply = { value: undefined, length: 0 };
  // `22` may still become a reply, `SSH` may not.
  if (!/^(?:$|[1-5]$|[1-5]\d$|[1-5]\d\d(?:$|[ \r-]))/.test(text)) return noReply;
  const code = text.slice(0, 3);
  const lines: string[] = [];
  for (let start = 0, end = text.indexOf('\n'); end >= 0; start = end + 1, end = text.indexOf('\n', start)) {
    const line = text.slice(start, end).replace(/\r$/, '');
    lines.push(line.startsWith(code) ? line.slice(4) : line);
    const isLast = lines.length === 1 ? line[3] !== '-' : line === code || line.startsWith(`${code} `);
    if (isLast) return { value: { code: Number(code), text: lines.join('\n') }, length: end + 1 };
  }
  return bytes.length < longestReply ? undefined : noReply;
}
