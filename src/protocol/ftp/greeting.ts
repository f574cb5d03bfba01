import type { Reply } from './reply.js';

/** Who sent a reply, as far as it tells: FTP and SMTP greet alike. */
export type Greeter =
  | { readonly kind: 'ftp'; readonly name: string }
  /** `line`: the one that gives it away. */
  | { readonly kind: 'smtp'; readonly line: string }
  | { readonly kind: 'unnamed' };

const products =
  /\b(vsFTPd|ProFTPD|Pure-FTPd|FileZilla Server|Microsoft FTP Service|Serv-U FTP Server|pyftpdlib|wu-ftpd)(?: (?:version )?v?(\d[\w.]*))?/i;

/** The name of a greeter never holds what differs from one connection to the next, as banners like Pure-FTPd's do. */
export function greeterOf({ text }: Reply): Greeter {
  const line = text.split('\n').find(isOfMail);
  if (line !== undefined) return { kind: 'smtp', line };
  const [, product, version] = products.exec(text) ?? [];
  if (product !== undefined) return { kind: 'ftp', name: version === undefined ? product : `${product} ${version}` };
  if (/\bFTP (?:server|service)\b/i.test(text)) return { kind: 'ftp', name: 'an FTP server' };
  return { kind: 'unnamed' };
}

/**
 * Who answered NOOP with this, which is 250 in SMTP (RFC 5321, 4.3.2) and never in FTP (RFC 959, 5.4): 200 there, or 530 of
 * a server that wants a login first (measured on vsftpd 3.0.3).
 */
export function answersAsMail({ code, text }: Reply): boolean {
  return code === 250 || isOfMail(text);
}

// Enhanced status codes (RFC 2034) are SMTP's alone.
function isOfMail(text: string): boolean {
  return /\b(?:E?SMTP|Postfix|Exim|Sendmail)\b/i.test(text) || /^[245]\.\d{1,3}\.\d{1,3} /.test(text);
}
