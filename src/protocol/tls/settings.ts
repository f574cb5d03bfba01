import * as z from 'zod';
import { fileReference, secretReference } from '../definition.js';

// Oldest first.
const versions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;
type Version = (typeof versions)[number];

/** The settings of TLS, to be spread into those of every dialogue that can speak it. */
export const tlsSettings = () => ({
  serverName: z
    .string()
    .min(1)
    .meta({
      description:
        'The name that is asked for (SNI) and that the certificate has to be of. Default: the target; an address is looked for among the certificate’s addresses, and not sent.',
    })
    .optional(),
  ca: z
    .union([fileReference, z.array(fileReference).min(1)])
    .meta({
      description:
        'The certificate authorities to trust, in PEM: these and no others. Default: those of Node.js, and of the system where Node.js is 22.15 or newer.',
    })
    .optional(),
  clientCertificate: fileReference
    .meta({ description: 'The certificate to show to a server that asks for one, in PEM, with its chain.' })
    .optional(),
  clientKey: fileReference
    .meta({ description: 'The private key of clientCertificate, in PEM. Default: that very file.' })
    .optional(),
  clientKeyPassphrase: secretReference.meta({ description: 'What clientKey is encrypted with.' }).optional(),
  verify: z.enum(['yes', 'warn', 'no']).default('yes').meta({
    description:
      'What a certificate that does not hold is: a failure, a warning, or nothing. A fingerprint is held to in any case.',
  }),
  fingerprint: z
    .string()
    .regex(/^(?:[0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}$/, 'the SHA-256 of a certificate: 64 hexadecimal digits')
    .meta({
      description: 'The SHA-256 of the certificate, which is then held to this instead of to authorities and names.',
    })
    .optional(),
  minimumVersion: z.enum(versions).default('TLSv1.2').meta({ description: 'The oldest version of TLS that will do.' }),
  expiryWarning: z
    .int()
    .nonnegative()
    .default(30)
    .meta({ description: 'From how many days before its end on a certificate is a warning.' }),
  expiryFailure: z
    .int()
    .nonnegative()
    .default(7)
    .meta({ description: 'From how many days before its end on a certificate does not hold.' }),
});

export type TlsSettings = z.infer<z.ZodObject<ReturnType<typeof tlsSettings>>>;

/** `TLS 1.3`, of OpenSSL's `TLSv1.3`. */
export function versionName(version: string): string {
  return version === 'TLSv1' ? 'TLS 1.0' : version.replace('TLSv', 'TLS ');
}

export function isOlder(version: string, minimum: Version): boolean {
  return versions.indexOf(version as Version) < versions.indexOf(minimum);
}
