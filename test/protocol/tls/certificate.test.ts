import { X509Certificate } from 'node:crypto';
import test from 'ava';
import type { ServiceSettings } from '#src/model/service.js';
import { judgeCertificate } from '#src/protocol/tls/certificate.js';
import { tls } from '#src/protocol/tls/dialogue.js';
import {
  type Certificate,
  type CertificateRequest,
  type Certificates,
  createCertificates,
} from '../../lab/certificates.js';
import { opensslUnavailable, startOpenssl } from '../../lab/servers/openssl.js';
import { testNeeding } from '../../needing.js';
import { speak } from '../speak.js';

// OpenSSL's own server, with certificates made for the occasion.

interface Site {
  readonly root: Certificate;
  readonly between: Certificate;
  /** Ended two days ago, when it was between the root and what it issued. */
  readonly ended: Certificate;
}

interface Case {
  readonly title: string;
  /** What the server shows: a certificate for db1.example of the root, but for this. */
  readonly shows?: (site: Site) => Partial<CertificateRequest>;
  readonly chain?: (site: Site) => readonly Certificate[];
  readonly target?: string;
  /** Beside `ca`, which is the root. */
  readonly settings?: (identity: Certificate, site: Site) => ServiceSettings;
  readonly detail: string;
  readonly warning?: string;
  /** An answer that is no `open`. */
  readonly refused?: true;
}

const passed = 'TLS 1.3, certificate of db1';
const itsCertificate = 'answers with TLS 1.3, but its certificate (db1)';
const ending = (until: number) => () => ({ validDays: [-100, until] as const });

const cases: readonly Case[] = [
  { title: 'of the named authority and the right name identifies the server', detail: passed },
  {
    title: 'of a wildcard name holds for what it covers',
    shows: () => ({ names: ['DNS:*.site.example'] }),
    target: 'db1.site.example',
    detail: passed,
  },
  {
    title: 'has to be of the name that the settings give, not of the target',
    target: 'elsewhere.example',
    settings: () => ({ serverName: 'db1.example' }),
    detail: passed,
  },
  {
    title: 'holds for an address that it names',
    shows: () => ({ names: ['DNS:db1.example', 'IP:127.0.0.1'] }),
    target: '127.0.0.1',
    detail: passed,
  },
  {
    title: 'that does not name the address does not hold',
    target: '127.0.0.1',
    detail: `${itsCertificate} is for db1.example instead of 127.0.0.1`,
    refused: true,
  },
  {
    title: 'of other names does not hold, and says whose it is',
    shows: () => ({ names: ['DNS:a.example', 'DNS:b.example', 'IP:10.0.0.1', 'DNS:c.example', 'DNS:d.example'] }),
    detail: `${itsCertificate} is for a.example, b.example, 10.0.0.1 and 2 more instead of db1.example`,
    refused: true,
  },
  {
    title: 'without other names is held to its common name',
    shows: () => ({ names: [] }),
    detail: `${itsCertificate} is for db1 instead of db1.example`,
    refused: true,
  },
  {
    title: 'that has ended says since when',
    shows: ending(-12),
    detail: `${itsCertificate} expired 12 days ago`,
    refused: true,
  },
  {
    title: 'that ends within a week does not hold any more',
    shows: ending(3),
    detail: `${itsCertificate} expires in 3 days`,
    refused: true,
  },
  {
    title: 'that ends within a month is a warning',
    shows: ending(20),
    detail: passed,
    warning: 'its certificate (db1) expires in 20 days',
  },
  {
    title: 'may end as soon as the settings allow',
    shows: ending(3),
    settings: () => ({ expiryFailure: 2, expiryWarning: 2 }),
    detail: passed,
  },
  {
    title: 'that is not valid yet says from when it is',
    shows: () => ({ validDays: [2, 100] }),
    detail: `${itsCertificate} becomes valid only in 2 days`,
    refused: true,
  },
  {
    title: 'that is self-signed does not hold',
    shows: () => ({ issuer: undefined }),
    detail: `${itsCertificate} is self-signed`,
    refused: true,
  },
  {
    title: 'that is self-signed holds where it is its own authority',
    shows: () => ({ issuer: undefined, authority: true }),
    settings: (identity) => ({ ca: { file: identity.certificateFile } }),
    detail: passed,
  },
  {
    title: 'that is wrong in several ways is told all of them at once',
    shows: () => ({ issuer: undefined, names: ['DNS:db2.example'], validDays: [-1, 5] }),
    detail: `${itsCertificate} is self-signed, is for db2.example instead of db1.example and expires in 5 days`,
    refused: true,
  },
  {
    title: 'holds over an intermediate that the server sends',
    shows: ({ between }) => ({ issuer: between }),
    chain: ({ between }) => [between],
    detail: passed,
  },
  {
    title: 'whose intermediate is missing does not hold',
    shows: ({ between }) => ({ issuer: between }),
    detail: `${itsCertificate} is issued by Portolan Test Intermediate, which neither is trusted here nor sent by the server (an incomplete chain, or an unknown authority)`,
    refused: true,
  },
  {
    title: 'does not hold over an intermediate that has ended',
    shows: ({ ended }) => ({ issuer: ended }),
    chain: ({ ended }) => [ended],
    detail: `${itsCertificate} depends on Portolan Test Ended, which expired 2 days ago`,
    refused: true,
  },
  {
    title: 'of an authority that nobody named does not hold, sent along or not',
    shows: ({ between }) => ({ issuer: between }),
    chain: ({ between }) => [between],
    settings: (identity) => ({ ca: { file: identity.certificateFile } }),
    detail: `${itsCertificate} leads to Portolan Test Root, which is not trusted here`,
    refused: true,
  },
  {
    title: 'does not hold where its authority is sent along, but nobody named it',
    chain: ({ root }) => [root],
    settings: () => ({ ca: undefined }),
    detail: `${itsCertificate} leads to Portolan Test Root, which is not trusted here`,
    refused: true,
  },
  {
    title: 'holds by any of several authorities',
    settings: (identity, { root }) => ({ ca: [{ file: identity.certificateFile }, { file: root.certificateFile }] }),
    detail: passed,
  },
  {
    title: 'that has ended and is self-signed is told both',
    shows: () => ({ issuer: undefined, validDays: [-100, -12] }),
    settings: () => ({ ca: undefined }),
    detail: `${itsCertificate} is self-signed and expired 12 days ago`,
    refused: true,
  },
  {
    title: 'that stricter clients refuse is a warning',
    shows: () => ({ newKey: ['-newkey', 'rsa:1024'], digest: 'sha1', validDays: [-100, 20] }),
    detail: passed,
    warning: 'its certificate (db1) has an RSA key of only 1024 bits, is signed with SHA-1 and expires in 20 days',
  },
  {
    title: 'that does not hold is a warning where the settings want no more',
    shows: () => ({ issuer: undefined, names: ['DNS:db2.example'], validDays: [-100, 20] }),
    settings: () => ({ verify: 'warn' }),
    detail: passed,
    warning:
      'its certificate (db1) is self-signed and is for db2.example instead of db1.example, and expires in 20 days',
  },
  {
    title: 'may be anything where the settings do not care',
    shows: () => ({ issuer: undefined, names: ['DNS:db2.example'], validDays: [-100, -50] }),
    settings: () => ({ verify: 'no' }),
    detail: passed,
  },
  {
    title: 'that is pinned by its fingerprint needs neither authority nor name',
    shows: () => ({ issuer: undefined, names: [] }),
    settings: ({ sha256 }) => ({ fingerprint: sha256, ca: undefined }),
    detail: passed,
  },
  {
    title: 'that is pinned may be written without colons, but still has to be valid',
    shows: () => ({ issuer: undefined, validDays: [-100, -50] }),
    settings: ({ sha256 }) => ({ fingerprint: sha256.replaceAll(':', '').toLowerCase() }),
    detail: `${itsCertificate} expired 50 days ago`,
    refused: true,
  },
];

let certificates: Certificates;
let site: Site;

test.before(async () => {
  if (opensslUnavailable() !== undefined) return;
  certificates = createCertificates();
  const root = await certificates.issue({ commonName: 'Portolan Test Root', authority: true });
  const above = { authority: true, issuer: root };
  const between = await certificates.issue({ ...above, commonName: 'Portolan Test Intermediate' });
  const ended = await certificates.issue({ ...above, commonName: 'Portolan Test Ended', validDays: [-100, -2] });
  site = { root, between, ended };
});

test.after.always(() => certificates?.remove());

for (const each of cases) {
  testNeeding(opensslUnavailable(), `a certificate ${each.title}`, async (t) => {
    const usual = { commonName: 'db1', names: ['DNS:db1.example'], issuer: site.root };
    const identity = await certificates.issue({ ...usual, ...each.shows?.(site) });
    // Whatever OpenSSL can: a short key is refused at higher levels.
    const options = ['-cipher', 'DEFAULT@SECLEVEL=0'];
    const server = await startOpenssl({ identity, chain: each.chain?.(site) ?? [], options });
    t.teardown(() => server.stop());
    const settings = { ca: { file: site.root.certificateFile }, ...each.settings?.(identity, site) };
    const said = await speak(tls, server.port, settings, { target: each.target ?? 'db1.example' });
    t.deepEqual(said, {
      kind: 'dialogue',
      service: 'tls',
      detail: each.detail,
      ...(each.refused === true ? { outcome: 'mismatch', problem: 'certificate' } : { outcome: 'open' }),
      ...(each.warning === undefined ? {} : { warning: each.warning }),
    });
    t.notRegex(server.log(), /error/i, 'the server has nothing to complain of');
  });
}

testNeeding(opensslUnavailable(), 'a pinned certificate may not be another, whatever is not verified', async (t) => {
  const identity = await certificates.issue({ commonName: 'db1' });
  const server = await startOpenssl({ identity });
  t.teardown(() => server.stop());
  const settings = { verify: 'no', fingerprint: site.root.sha256 };
  const { problem, detail } = await speak(tls, server.port, settings);
  t.is(problem, 'certificate');
  const sha256 = identity.sha256.replaceAll(':', '').toLowerCase();
  t.is(detail, `${itsCertificate} has another SHA-256 fingerprint than the one expected: ${sha256}`);
});

testNeeding(opensslUnavailable(), 'a certificate that was issued by somebody who may not does not hold', async (t) => {
  const issuer = await certificates.issue({ commonName: 'no authority', issuer: site.root });
  const identity = await certificates.issue({ commonName: 'db1', names: ['DNS:db1.example'], issuer });
  const server = await startOpenssl({ identity, chain: [issuer] });
  t.teardown(() => server.stop());
  const settings = { ca: { file: site.root.certificateFile } };
  const { detail } = await speak(tls, server.port, settings, { target: 'db1.example' });
  // Which of its words OpenSSL takes depends on its version.
  t.regex(detail, /^answers with TLS 1\.3, but its certificate \(db1\) does not verify \(INVALID_(PURPOSE|CA)\)$/);
});

testNeeding(opensslUnavailable(), 'what OpenSSL found wrong and nobody can explain does not get lost', (t) => {
  const leaf = new X509Certificate(site.root.certificate);
  const shown = { chain: [leaf], expectedName: 'Portolan Test Root', now: new Date() } as const;
  const settings = tls.settings.parse({ ca: { file: 'any.pem' } });
  for (const error of ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID', 'PATH_LENGTH_EXCEEDED'])
    t.deepEqual(judgeCertificate({ ...shown, error }, settings), { problem: `does not verify (${error})` });
});
