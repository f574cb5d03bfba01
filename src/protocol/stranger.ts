/** Who speaks first with these bytes, in words: for a dialogue that met something else than it expected. */
export function describeStranger(bytes: Buffer): string {
  const text = bytes.toString('latin1');
  const line = firstLine(text);
  if (/^HTTP\/[12]/.test(text)) return `an HTTP server answers: ${line}`;
  if (text.startsWith('SSH-')) return `an SSH server answers: ${line}`;
  if (/^-(?:ERR|DENIED|NOAUTH|LOADING|MISCONF)\b/.test(text)) return `Redis answers: ${line}`;
  if (/^220[ -]/.test(text)) return `an FTP or SMTP server answers: ${line}`;
  if (/^\* OK/.test(text)) return `an IMAP server answers: ${line}`;
  if (bytes[0] === 0x15 && bytes[1] === 0x03) return 'a TLS server answers with an alert';
  if (bytes[0] === 0x16 && bytes[1] === 0x03) return 'a TLS server answers with a handshake';
  // RFC 9113, 3.4: the server's preface is a SETTINGS frame, type 4, on stream 0.
  if (bytes.length >= 9 && bytes[3] === 0x04 && bytes.readUInt32BE(5) === 0) return 'an HTTP/2 server answers';
  // The X protocol's first frame is a NOTICE, type 11, of length 5.
  if (bytes.length >= 5 && bytes.readUInt32LE(0) === 5 && bytes[4] === 11)
    return 'MySQL answers with its X protocol, which clients of this flow do not speak';
  return line === '' ? `something answers in an unknown protocol: ${hex(bytes)}` : `something else answers: ${line}`;
}

const longestQuote = 60;

function firstLine(text: string): string {
  const line = text.split(/[\r\n]/, 1)[0]!;
  if (!/^[\x20-\x7e]{3,}$/.test(line)) return '';
  return line.length > longestQuote ? `"${line.slice(0, longestQuote)}…"` : `"${line}"`;
}

function hex(bytes: Buffer): string {
  const shown = bytes.subarray(0, 12).toString('hex');
  return bytes.length > 12 ? `${shown}…` : shown;
}
