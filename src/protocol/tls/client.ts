import { X509Certificate } from 'node:crypto';
import type { SecureContext } from 'node:tls';
import type { Materials } from '../../model/dialogue.js';
import { ExpectedError } from '../../model/errors.js';
import type { FileReference } from '../../model/service.js';
import type { TlsSettings } from './settings.js';

type Tls = typeof import('node:tls');

// What a run trusts is parsed once: Node's roots and the system's took 40 to 130 ms (263 of them, Node 22 to 26).
const contexts = new WeakMap<Materials, Map<string, SecureContext>>();

/** What TLS clients with these settings have in common: whom they trust, and who they are. */
export function clientContext(tls: Tls, settings: TlsSettings, materials: Materials): SecureContext {
  const { ca, clientCertificate, clientKey, clientKeyPassphrase } = settings;
  const key = JSON.stringify([ca, clientCertificate, clientKey, clientKeyPassphrase]);
  const known = contexts.get(materials) ?? new Map<string, SecureContext>();
  contexts.set(materials, known);
  const context = known.get(key) ?? createContext(tls, settings, materials);
  known.set(key, context);
  return context;
}

function createContext(tls: Tls, { ca, ...settings }: TlsSettings, materials: Materials): SecureContext {
  const trusted = ca === undefined ? defaultTrust(tls) : [ca].flat().map((each) => readAuthority(each, materials));
  const options = {
    ...(trusted === undefined ? {} : { ca: trusted }),
    // Old versions, and what only they allow, are offered in order to say that a server speaks nothing newer. What is
    // too old is refused by `minimumVersion`, before anything is said over it.
    minVersion: 'TLSv1' as const,
    ciphers: `${tls.DEFAULT_CIPHERS}:@SECLEVEL=0`,
  };
  const identity = clientIdentity(settings, materials);
  if (identity === undefined) return tls.createSecureContext(options);
  try {
    return tls.createSecureContext({ ...options, ...identity });
  } catch (error) {
    const files = [settings.clientCertificate, settings.clientKey].flatMap((each) => each?.file ?? []).join(' and ');
    throw new ExpectedError(
      `${files}: no client certificate that can be used: ${(error as Error).message}. Expected: a certificate and its private key in PEM, and the key's passphrase if it has one (clientKeyPassphrase).`,
    );
  }
}

/** Undefined leaves it to Node: its own roots, and those that NODE_EXTRA_CA_CERTS names. Most of the system's are the same. */
function defaultTrust(tls: Tls): string[] | undefined {
  // Node 22.15 and newer.
  const { getCACertificates } = tls as { getCACertificates?: (which: 'default' | 'system') => string[] };
  return getCACertificates && [...new Set([...getCACertificates('default'), ...getCACertificates('system')])];
}

function readAuthority(reference: FileReference, materials: Materials): Buffer {
  const pem = materials.file(reference);
  try {
    // OpenSSL would take a file without a certificate for nobody to be trusted, without a word.
    new X509Certificate(pem);
    return pem;
  } catch {
    throw new ExpectedError(`${reference.file}: holds no certificate authority. Expected: certificates in PEM.`);
  }
}

function clientIdentity(
  { clientCertificate, clientKey, clientKeyPassphrase }: Omit<TlsSettings, 'ca'>,
  materials: Materials,
) {
  if (clientCertificate === undefined) {
    if (clientKey === undefined) return undefined;
    throw new ExpectedError(`${clientKey.file}: a clientKey without a clientCertificate. Expected: both, or neither.`);
  }
  return {
    cert: materials.file(clientCertificate),
    key: materials.file(clientKey ?? clientCertificate),
    ...(clientKeyPassphrase === undefined ? {} : { passphrase: materials.secret(clientKeyPassphrase) }),
  };
}
