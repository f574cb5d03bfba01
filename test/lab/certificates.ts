import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';

export interface CertificateRequest {
  readonly commonName: string;
  /** As OpenSSL writes them: `DNS:db1.example`, `IP:10.0.0.1`. */
  readonly names?: readonly string[];
  /** Itself, if left out: self-signed. */
  readonly issuer?: Certificate | undefined;
  /** Whether it may issue others. */
  readonly authority?: boolean;
  /** When it becomes valid and when it ends, in days from now and an hour more: a day ago and in a year, if left out. */
  readonly validDays?: readonly [from: number, until: number];
  /** What its key is made by: options of `openssl req`; an elliptic curve's, if left out. */
  readonly newKey?: readonly string[];
  /** What its issuer signs with: `sha256`, if left out. */
  readonly digest?: string;
  /** What its key is encrypted with. */
  readonly passphrase?: string;
}

/** A certificate and its key, in PEM and as files. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly sha256: string;
}

/** Certificates made with the `openssl` program, for the servers of a test. */
export interface Certificates {
  issue(request: CertificateRequest): Promise<Certificate>;
  remove(): void;
}

export function createCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-certificates-'));
  let count = 0;
  return {
    issue: (request) => {
      count += 1;
      return issue(join(folder, String(count)), request);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** `base`: where its files go, without their endings. */
async function issue(base: string, request: CertificateRequest): Promise<Certificate> {
  const { commonName, passphrase, issuer } = request;
  const file = (ending: string) => `${base}.${ending}`;
  writeFileSync(file('cnf'), config(base, request));
  writeFileSync(file('index'), '');
  const protection = passphrase === undefined ? ['-nodes'] : ['-passout', `pass:${passphrase}`];
  const { newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'], digest = 'sha256' } = request;
  const key = [...newKey, '-keyout', file('key'), ...protection];
  await openssl('req', '-new', '-config', file('cnf'), '-subj', `/CN=${commonName}`, ...key, '-out', file('csr'));
  const [from, until] = request.validDays ?? [-1, 365];
  const validity = ['-startdate', moment(from), '-enddate', moment(until)];
  const signer =
    issuer === undefined
      ? ['-selfsign', '-keyfile', file('key'), ...(passphrase === undefined ? [] : ['-passin', `pass:${passphrase}`])]
      : ['-cert', issuer.certificateFile, '-keyfile', issuer.keyFile];
  const files = ['-config', file('cnf'), '-in', file('csr'), '-out', file('crt')];
  await openssl('ca', '-batch', '-notext', '-md', digest, ...files, ...validity, ...signer);
  const certificate = readFileSync(file('crt'), 'utf8');
  return {
    certificate,
    key: readFileSync(file('key'), 'utf8'),
    certificateFile: file('crt'),
    keyFile: file('key'),
    sha256: new X509Certificate(certificate).fingerprint256,
  };
}

async function openssl(...args: readonly string[]): Promise<void> {
  await execa('openssl', args);
}

/** Only `openssl ca` of Debian 12 makes certificates that have ended, or have not begun; and it wants to be told everything. */
function config(base: string, { names = [], authority = false }: CertificateRequest): string {
  return [
    '[req]',
    'distinguished_name = subject',
    '[subject]',
    '[ca]',
    'default_ca = ours',
    '[ours]',
    `database = ${base}.index`,
    `new_certs_dir = ${dirname(base)}`,
    'rand_serial = yes',
    'policy = any',
    'x509_extensions = extensions',
    '[any]',
    'commonName = supplied',
    '[extensions]',
    `basicConstraints = critical, CA:${authority ? 'TRUE' : 'FALSE'}`,
    'subjectKeyIdentifier = hash',
    'authorityKeyIdentifier = keyid',
    ...(names.length === 0 ? [] : [`subjectAltName = ${names.join(', ')}`]),
    '',
  ].join('\n');
}

/** `20261231235959Z`. With the hour, as many whole days lie in between, however long the test takes to ask. */
function moment(days: number): string {
  const at = new Date(Date.now() + days * 86_400_000 + Math.sign(days) * 3_600_000);
  return `${at.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`;
}
