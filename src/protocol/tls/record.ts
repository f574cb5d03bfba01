// RFC 5246, 6.2.1 and 7.4: what of a handshake is in the clear.
const changeCipherSpec = 20;
const alert = 21;
const handshake = 22;
const applicationData = 23;
const certificateRequest = 13;

/** Whether these can be the first bytes of a server that speaks TLS; too few of them can. */
export function looksLikeTls(bytes: Buffer): boolean {
  const [type, major] = bytes;
  if (type !== undefined && type !== alert && type !== handshake) return false;
  return major === undefined || major === 3;
}

/** Whether the server asked for a client certificate, in versions of TLS that do so in the clear: up to 1.2. */
export function asksForCertificate(bytes: Buffer): boolean {
  const messages = handshakeMessages(bytes);
  for (let at = 0; at + 4 <= messages.length; at += 4 + messages.readUIntBE(at + 1, 3)) {
    if (messages[at] === certificateRequest) return true;
  }
  return false;
}

/** What the records of the handshake hold, up to the first that is encrypted. */
function handshakeMessages(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at + 5 <= bytes.length; at += 5 + bytes.readUInt16BE(at + 3)) {
    if (bytes[at] === changeCipherSpec || bytes[at] === applicationData) break;
    if (bytes[at] === handshake) parts.push(bytes.subarray(at + 5, at + 5 + bytes.readUInt16BE(at + 3)));
  }
  return Buffer.concat(parts);
}
