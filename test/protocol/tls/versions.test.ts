import test from 'ava';
import { tls } from '#src/protocol/tls/dialogue.js';
import { type Certificate, type Certificates, createCertificates } from '../../lab/certificates.js';
import { opensslUnavailable, startOpenssl } from '../../lab/servers/openssl.js';
import { testNeeding } from '../../needing.js';
import { speak } from '../speak.js';

let certificates: Certificates;
let identity: Certificate;

test.before(async () => {
  if (opensslUnavailable() !== undefined) return;
  certificates = createCertificates();
  identity = await certificates.issue({ commonName: 'db1' });
});

test.after.always(() => certificates?.remove());

interface Server {
  readonly title: string;
  readonly options: readonly string[];
  readonly settings?: object;
  readonly target?: string;
  readonly detail: string;
  readonly refused?: true;
}

const old = (version: string) => [`-${version}`, '-cipher', 'DEFAULT@SECLEVEL=0'];

const servers: readonly Server[] = [
  {
    title: 'a server that speaks nothing newer than TLS 1.0 is too old',
    options: old('tls1'),
    detail: 'answers with TLS 1.0, but TLS 1.2 is the oldest that will do',
    refused: true,
  },
  {
    title: 'a server that speaks nothing newer than TLS 1.1 is too old',
    options: old('tls1_1'),
    detail: 'answers with TLS 1.1, but TLS 1.2 is the oldest that will do',
    refused: true,
  },
  {
    title: 'an old version will do where the settings say so',
    options: old('tls1'),
    settings: { minimumVersion: 'TLSv1' },
    detail: 'TLS 1.0, certificate of db1',
  },
  {
    title: 'TLS 1.2 is too old where the settings want TLS 1.3',
    options: ['-tls1_2'],
    settings: { minimumVersion: 'TLSv1.3' },
    detail: 'answers with TLS 1.2, but TLS 1.3 is the oldest that will do',
    refused: true,
  },
  {
    title: 'a server without session tickets is not waited for in vain',
    options: ['-num_tickets', '0'],
    detail: 'TLS 1.3, certificate of db1',
  },
  {
    title: 'a server with no cipher in common says so',
    options: ['-tls1_2', '-cipher', 'ECDHE-RSA-AES128-GCM-SHA256'],
    detail: 'answers with TLS, but has no cipher or parameters in common with us (alert handshake_failure)',
    refused: true,
  },
];

for (const { title, options, settings, detail, refused } of servers) {
  testNeeding(opensslUnavailable(), title, async (t) => {
    const { port, stop } = await startOpenssl({ identity, options });
    t.teardown(stop);
    const said = await speak(tls, port, { verify: 'no', ...settings });
    t.is(said.detail, detail);
    t.is(said.outcome, refused === undefined ? 'open' : 'mismatch');
  });
}

const named = (identity: Certificate) => {
  const { certificateFile, keyFile } = identity;
  return ['-servername', 'db1.example', '-cert2', certificateFile, '-key2', keyFile, '-servername_fatal'];
};

testNeeding(
  opensslUnavailable(),
  'the name of the target is asked for, and a server that does not know it says so',
  async (t) => {
    const { port, stop } = await startOpenssl({ identity, options: named(identity) });
    t.teardown(stop);
    const target = 'db2.example';
    const said = await speak(tls, port, { verify: 'no' }, { target });
    t.is(said.detail, 'answers with TLS, but does not know the name that was asked for (alert unrecognized_name)');
    const { outcome } = await speak(tls, port, { verify: 'no', serverName: 'db1.example' }, { target });
    t.is(outcome, 'open');
  },
);
