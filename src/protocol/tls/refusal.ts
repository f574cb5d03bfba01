/** What is known when the server and we did not come to terms. */
export interface Terms {
  /** Node's name for OpenSSL's reason: `ERR_SSL_UNSUPPORTED_PROTOCOL`. */
  readonly code: string;
  /** OpenSSL's: `40474BF0:error:0A00042E:SSL routines:ssl3_read_bytes:tlsv1 alert …:../deps/…:1605:SSL alert number 70`. */
  readonly message: string;
  /** Whether the server asked for a client certificate, as far as it can be seen: TLS 1.3 hides it. */
  readonly asked: boolean;
  /** Whether there is one to show. */
  readonly shown: boolean;
}

const requiresCertificate = 'but requires a client certificate';
const handshakeFailure = 40;

// The server's alerts by their numbers (RFC 8446, 6.2 and B.2): the names that OpenSSL gives them differ with its version.
// Those that are about the client's certificate, where one was shown:
const aboutCertificates: ReadonlyMap<number, string> = new Map([
  [42, 'alert bad_certificate'],
  [43, 'alert unsupported_certificate'],
  [44, 'it is revoked (alert certificate_revoked)'],
  [45, 'it has expired (alert certificate_expired)'],
  [46, 'alert certificate_unknown'],
  [48, 'its authority is not trusted there (alert unknown_ca)'],
  [49, 'alert access_denied'],
  [51, 'alert decrypt_error'],
]);

const others: ReadonlyMap<number, string> = new Map([
  [handshakeFailure, 'but has no cipher or parameters in common with us (alert handshake_failure)'],
  [70, 'but of no version that is offered here (alert protocol_version)'],
  [71, 'but wants stronger ciphers (alert insufficient_security)'],
  [80, 'but fails (alert internal_error)'],
  [112, 'but does not know the name that was asked for (alert unrecognized_name)'],
  [116, requiresCertificate],
  [120, 'but not the protocol that was asked for (alert no_application_protocol)'],
]);

/** What we refuse ourselves. */
const ownReasons: ReadonlyMap<string, string> = new Map([
  ['ERR_SSL_UNSUPPORTED_PROTOCOL', 'but in a version that is not offered here'],
  [
    'ERR_SSL_UNSAFE_LEGACY_RENEGOTIATION_DISABLED',
    'but without secure renegotiation (RFC 5746), which clients insist on',
  ],
]);

/** Why, in a clause that follows "answers with TLS". */
export function describeRefusal({ code, message, asked, shown }: Terms): string {
  const alert = Number(/SSL alert number (\d+)/.exec(message)?.[1]);
  const aboutCertificate = aboutCertificates.get(alert);
  if (aboutCertificate !== undefined && shown) return `but refuses the client certificate: ${aboutCertificate}`;
  // TLS 1.2 has no alert of its own for a client that shows none.
  if (asked && !shown && (aboutCertificate !== undefined || alert === handshakeFailure)) return requiresCertificate;
  return others.get(alert) ?? ownReasons.get(code) ?? `but the handshake fails: ${openSslReason(message)}`;
}

function openSslReason(message: string): string {
  return /error:[0-9A-F]+:[^:]*:[^:]*:([^:]+)/.exec(message)?.[1] ?? message.split('\n', 1)[0]!;
}
