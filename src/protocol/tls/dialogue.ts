import type { Duplex } from 'node:stream';
import * as z from 'zod';
import type { DialogueContext, Said } from '../../model/dialogue.js';
import { conduct } from '../conversation.js';
import { defineService } from '../definition.js';
import { identified } from '../outcome.js';
import { secure, type TlsSettings, tlsSettings } from '../secure.js';

/** Whatever is spoken over TLS: the handshake identifies it, and its certificate has to hold. */
export const tls = defineService({
  service: 'tls',
  title: 'completes a TLS handshake, with a certificate that holds',
  settings: z.lazy(() => z.strictObject(tlsSettings())),
  // nginx and OpenSSL say nothing of a connection without a handshake; every server in Go "TLS handshake error: EOF".
  bareConnects: 'logged',
  label: ({ serverName = '' }) => serverName,
  converse,
});

async function converse(stream: Duplex, settings: TlsSettings, context: DialogueContext): Promise<Said> {
  const secured = await secure(stream, settings, context);
  if (secured.kind === 'failed') return secured.said('tls');
  return conduct(secured.stream, secured.context, async () => identified('tls', secured.detail, secured.warning));
}
