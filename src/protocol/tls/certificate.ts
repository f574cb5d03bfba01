import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import type { TlsSettings } from './settings.js';
import { weaknessesOf } from './weakness.js';

/** What a server showed, and what OpenSSL made of it. */
export interface Shown {
  /** From the server's own certificate upwards. */
  readonly chain: readonly [X509Certificate, ...X509Certificate[]];
  /** OpenSSL's name for what is wrong with the chain: `CERT_HAS_EXPIRED`. It keeps but one, and of several the dates'. */
  readonly error: string | undefined;
  /** What the certificate has to be of: a name, or an address. */
  readonly expectedName: string;
  readonly now: Date;
}

/** In clauses that follow "its certificate": what is wrong with it, all of it, and what soon will be. */
export interface Judgement {
  readonly problem?: string;
  readonly warning?: string;
}

/**
 * Whether a certificate holds, by hand: of everything that is wrong, instead of the first thing. A pinned certificate is
 * held to its fingerprint instead of to authorities and names; with `verify: no` to nothing else.
 */
export function judgeCertificate(shown: Shown, settings: TlsSettings): Judgement {
  const [leaf] = shown.chain;
  const pinned = settings.fingerprint !== undefined;
  const wrongPin = pinned && !sameFingerprint(leaf, settings.fingerprint!) ? [otherFingerprint(leaf)] : [];
  if (settings.verify === 'no') return judgement(wrongPin, []);
  const identity = pinned
    ? wrongPin
    : [...untrusted(shown, settings.ca === undefined), ...wrongName(leaf, shown.expectedName)];
  const validity = outOfDate(leaf, shown.now, settings.expiryFailure);
  const problems = [...identity, ...validity];
  const remainingMs = Date.parse(leaf.validTo) - shown.now.getTime();
  const soon = validity.length === 0 && remainingMs <= settings.expiryWarning * dayMs ? [expires(remainingMs)] : [];
  return judgement(problems, [...weaknessesOf(leaf), ...soon]);
}

/** The certificates that the server sent, from its own upwards, and the root that they lead to where it is trusted. */
export function chainOf(socket: TLSSocket): Shown['chain'] {
  const leaf = socket.getPeerCertificate(true);
  const chain: [X509Certificate, ...X509Certificate[]] = [new X509Certificate(leaf.raw)];
  let each: DetailedPeerCertificate = leaf;
  // A root is its own issuer.
  while (each.issuerCertificate !== undefined && each.issuerCertificate !== each) {
    each = each.issuerCertificate;
    chain.push(new X509Certificate(each.raw));
  }
  return chain;
}

/** What a reader knows a certificate by: its common name, else its first other name, else its whole subject. */
export function subjectOf(certificate: X509Certificate): string {
  return commonName(certificate.subject) ?? namesOf(certificate)[0] ?? oneLine(certificate.subject);
}

/** For the transcript. */
export function describeCertificate(certificate: X509Certificate): string {
  const names = namesOf(certificate);
  return [
    `certificate of ${oneLine(certificate.subject)}`,
    `issued by ${oneLine(certificate.issuer)}`,
    `valid from ${certificate.validFrom} to ${certificate.validTo}`,
    names.length === 0 ? 'without other names' : `for ${names.join(', ')}`,
    `SHA-256 ${certificate.fingerprint256}`,
  ].join('; ');
}

const judgement = (problems: readonly string[], warnings: readonly string[]): Judgement => ({
  ...(problems.length === 0 ? {} : { problem: inWords(problems) }),
  ...(warnings.length === 0 ? {} : { warning: inWords(warnings) }),
});

const dayMs = 86_400_000;

function sameFingerprint(leaf: X509Certificate, expected: string): boolean {
  const plain = (text: string) => text.replaceAll(':', '').toLowerCase();
  return plain(leaf.fingerprint256) === plain(expected);
}

function otherFingerprint(leaf: X509Certificate): string {
  return `has another SHA-256 fingerprint than the one expected: ${leaf.fingerprint256.replaceAll(':', '').toLowerCase()}`;
}

/** `publicly`: no authority of the site's own is named, so that nothing self-signed is trusted. */
function untrusted({ chain, error, now }: Shown, publicly: boolean): string[] {
  const [leaf, ...above] = chain;
  const last = chain.at(-1)!;
  switch (error) {
    case undefined:
      return [];
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return ['is self-signed'];
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return [`leads to ${subjectOf(last)}, which is not trusted here`];
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      if (chain.length > 1) return [`leads to ${issuerOf(last)}, which is not trusted here`];
      // A root is mostly not sent and an intermediate should be: which of the two this one is, nobody can see.
      return [
        `is issued by ${issuerOf(leaf)}, which neither is trusted here nor sent by the server (an incomplete chain, or an unknown authority)`,
      ];
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID': {
      const lapsed = above.flatMap((each) =>
        outOfDate(each, now, 0).map((what) => `depends on ${subjectOf(each)}, which ${what}`),
      );
      const selfSigned = publicly && above.length === 0 && leaf.subject === leaf.issuer ? ['is self-signed'] : [];
      // The leaf's own dates are told by themselves; whatever else OpenSSL found must not get lost.
      const explained = lapsed.length > 0 || outOfDate(leaf, now, 0).length > 0;
      return [...selfSigned, ...lapsed, ...(explained ? [] : [`does not verify (${error})`])];
    }
    default:
      return [`does not verify (${error})`];
  }
}

function wrongName(leaf: X509Certificate, expected: string): string[] {
  const matches = isIP(expected) === 0 ? leaf.checkHost(expected) : leaf.checkIP(expected);
  if (matches !== undefined) return [];
  const names = namesOf(leaf);
  return [`is for ${listed(names.length === 0 ? [subjectOf(leaf)] : names)} instead of ${expected}`];
}

function outOfDate(certificate: X509Certificate, now: Date, failureDays: number): string[] {
  const sinceMs = now.getTime() - Date.parse(certificate.validFrom);
  if (sinceMs < 0) return [`becomes valid only ${inDays(-sinceMs)}`];
  const remainingMs = Date.parse(certificate.validTo) - now.getTime();
  if (remainingMs < 0) return [`expired ${days(-remainingMs)} ago`];
  return remainingMs <= failureDays * dayMs ? [expires(remainingMs)] : [];
}

const expires = (ms: number): string => `expires ${inDays(ms)}`;
const inDays = (ms: number): string => (ms < dayMs ? 'within a day' : `in ${days(ms)}`);

/** Whole days that have passed, or that are left for certain. */
function days(ms: number): string {
  const count = Math.floor(ms / dayMs);
  if (count === 0) return 'less than a day';
  return count === 1 ? '1 day' : `${count} days`;
}

const mostNames = 3;

function listed(names: readonly string[]): string {
  if (names.length <= mostNames) return inWords(names);
  return inWords([...names.slice(0, mostNames), `${names.length - mostNames} more`]);
}

/** `a, b and c`. */
function inWords(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

/** `DNS:db1.example, IP Address:10.0.0.1`: Node quotes what could be mistaken for two. */
function namesOf({ subjectAltName = '' }: X509Certificate): string[] {
  return [...subjectAltName.matchAll(/(?:DNS|IP Address):("(?:[^"\\]|\\.)*"|[^,]+)/g)].map((match) => match[1]!);
}

const issuerOf = ({ issuer }: X509Certificate): string => commonName(issuer) ?? oneLine(issuer);

// A distinguished name comes one attribute a line.
const commonName = (name: string): string | undefined => /^CN=(.+)$/m.exec(name ?? '')?.[1];
const oneLine = (name: string | undefined): string => name?.split('\n').join(', ') ?? 'nobody';
