/** What is known when the server and we did not come to terms. */
export interface Terms {
  /** Node's name for OpenSSL's reason: `ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE`. */
  readonly code: string;
  readonly message: string;
  /** Whether the server asked for a client certificate, as far as it can be seen: TLS 1.3 hides it. */
  readonly asked: boolean;
  /** Whether there is one to show. */
  readonly shown: boolean;
}

// By OpenSSL's reasons (include/openssl/sslerr.h); the alerts are those of RFC 8446, 6.2.
const aboutCertificates: Readonly<Record<string, string>> = {
  SSLV3_ALERT_BAD_CERTIFICATE: 'alert bad_certificate',
  SSLV3_ALERT_UNSUPPORTED_CERTIFICATE: 'alert unsupported_certificate',
  SSLV3_ALERT_CERTIFICATE_REVOKED: 'it is revoked (alert certificate_revoked)',
  SSLV3_ALERT_CERTIFICATE_EXPIRED: 'it has expired (alert certificate_expired)',
  SSLV3_ALERT_CERTIFICATE_UNKNOWN: 'alert certificate_unknown',
  TLSV1_ALERT_UNKNOWN_CA: 'its authority is not trusted there (alert unknown_ca)',
  TLSV1_ALERT_ACCESS_DENIED: 'alert access_denied',
  TLSV1_ALERT_DECRYPT_ERROR: 'alert decrypt_error',
};

const requiresCertificate = 'but requires a client certificate';

const others: Readonly<Record<string, string>> = {
  TLSV13_ALERT_CERTIFICATE_REQUIRED: requiresCertificate,
  TLSV1_ALERT_PROTOCOL_VERSION: 'but of no version that is offered here (alert protocol_version)',
  UNSUPPORTED_PROTOCOL: 'but in a version that is not offered here',
  SSLV3_ALERT_HANDSHAKE_FAILURE: 'but has no cipher or parameters in common with us (alert handshake_failure)',
  TLSV1_ALERT_INSUFFICIENT_SECURITY: 'but wants stronger ciphers (alert insufficient_security)',
  TLSV1_UNRECOGNIZED_NAME: 'but does not know the name that was asked for (alert unrecognized_name)',
  TLSV1_ALERT_NO_APPLICATION_PROTOCOL: 'but not the protocol that was asked for (alert no_application_protocol)',
  UNSAFE_LEGACY_RENEGOTIATION_DISABLED: 'but without secure renegotiation (RFC 5746), which clients insist on',
};

/** Why, in a clause that follows "answers with TLS". */
export function describeRefusal({ code, message, asked, shown }: Terms): string {
  const reason = code.replace(/^ERR_SSL_/, '');
  const aboutCertificate = aboutCertificates[reason];
  if (aboutCertificate !== undefined && shown) return `but refuses the client certificate: ${aboutCertificate}`;
  // TLS 1.2 has no alert of its own for a client that shows none.
  if (asked && !shown && (aboutCertificate !== undefined || reason === 'SSLV3_ALERT_HANDSHAKE_FAILURE'))
    return requiresCertificate;
  return others[reason] ?? `but the handshake fails: ${openSslReason(message)}`;
}

/** The words of `40474BF0:error:0A00042E:SSL routines:ssl3_read_bytes:tlsv1 alert …:../deps/…:1605:SSL alert number 70`. */
function openSslReason(message: string): string {
  return /error:[0-9A-F]+:[^:]*:[^:]*:([^:]+)/.exec(message)?.[1] ?? message.split('\n', 1)[0]!;
}
