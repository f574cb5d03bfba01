import type { X509Certificate } from 'node:crypto';

/**
 * In clauses that follow "its certificate": what makes clients refuse it that are stricter than this one, which accepts
 * whatever OpenSSL can, in order to have a word about it.
 */
export function weaknessesOf(certificate: X509Certificate): readonly string[] {
  const { modulusLength } = certificate.publicKey.asymmetricKeyDetails ?? {};
  const digest = weakDigests.get(signatureAlgorithm(certificate.raw));
  return [
    // NIST SP 800-131A and OpenSSL's security level 2, which Debian and Red Hat ship.
    ...(modulusLength !== undefined && modulusLength < 2048 ? [`has an RSA key of only ${modulusLength} bits`] : []),
    // Nobody looks at the signature of one that signs itself.
    ...(digest !== undefined && certificate.subject !== certificate.issuer ? [`is signed with ${digest}`] : []),
  ];
}

/** By object identifiers in hex. */
const weakDigests: ReadonlyMap<string, string> = new Map([
  ['2a864886f70d010104', 'MD5'],
  ['2a864886f70d010105', 'SHA-1'],
  ['2b0e03021d', 'SHA-1'],
  ['2a8648ce3d0401', 'SHA-1'],
  ['2a8648ce380403', 'SHA-1'],
]);

/** RFC 5280, 4.1: a certificate is a sequence of what is signed, the algorithm, a sequence that begins with its identifier, and so on. */
function signatureAlgorithm(certificate: Buffer): string {
  const signed = contentOf(certificate, contentOf(certificate, 0).start);
  const { start, end } = contentOf(certificate, contentOf(certificate, signed.end).start);
  return certificate.toString('hex', start, end);
}

/** Where the content of a DER element begins and ends (X.690, 8.1.3). */
function contentOf(der: Buffer, at: number): { readonly start: number; readonly end: number } {
  const length = der[at + 1]!;
  if (length < 0x80) return { start: at + 2, end: at + 2 + length };
  const start = at + 2 + (length & 0x7f);
  return { start, end: start + der.readUIntBE(at + 2, length & 0x7f) };
}
