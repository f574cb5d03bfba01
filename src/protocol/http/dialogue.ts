import type { Duplex } from 'node:stream';
import * as z from 'zod';
import type { DialogueContext, Materials, Said } from '../../model/dialogue.js';
import { conduct } from '../conversation.js';
import { defineService } from '../definition.js';
import { secure, type TlsSettings, tlsSettings } from '../secure.js';
import { ask } from './ask.js';
import { ownHeaders } from './credentials.js';
import { originOf } from './redirect.js';
import { type HttpSettings, httpSettings } from './settings.js';

const label = ({ method, path }: HttpSettings) => (method === 'GET' ? path : `${method} ${path}`);

const tryMaterials = (settings: HttpSettings, materials: Materials): void => void ownHeaders(settings, materials);

/** HTTP/1.1 in the clear. No proxy is taken from the environment: what is asked is what the inventory says. */
export const http = defineService({
  service: 'http',
  title: 'answers in HTTP/1 with an accepted status',
  settings: z.lazy(() => z.strictObject(httpSettings())),
  // Measured on nginx 1.22 and docker-registry 2.8 (Go): a connection without a request leaves nothing in their logs.
  bareConnects: 'harmless',
  label,
  tryMaterials,
  converse: (stream, settings, context) => converse('http', stream, settings, context),
});

/** HTTP/1.1 over TLS. */
export const https = defineService({
  service: 'https',
  title: 'completes a TLS handshake, with a certificate that holds, and answers in HTTP/1 with an accepted status',
  settings: z.lazy(() => z.strictObject({ ...httpSettings(), ...tlsSettings() })),
  // Measured: nginx says nothing, docker-registry (any server in Go) "http: TLS handshake error from …: EOF".
  bareConnects: 'logged',
  label,
  tryMaterials,
  converse: converseSecurely,
});

async function converseSecurely(
  stream: Duplex,
  settings: HttpSettings & TlsSettings,
  context: DialogueContext,
): Promise<Said> {
  // A client of that host would ask for its certificate, too.
  const host = settings.host?.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  const named = host === undefined ? settings : { serverName: host, ...settings };
  const secured = await secure(stream, named, context, { alpn: ['http/1.1'] });
  if (secured.kind === 'failed') return secured.said('https');
  const said = await converse('https', secured.stream, settings, secured.context, [`over ${secured.detail}`]);
  return said.outcome === 'open' && secured.warning !== undefined ? { ...said, warning: secured.warning } : said;
}

function converse(
  service: 'http' | 'https',
  stream: Duplex,
  settings: HttpSettings,
  context: DialogueContext,
  circumstances: readonly string[] = [],
): Promise<Said> {
  const origin = originOf(service, settings.host, context);
  const own = ownHeaders(settings, context.materials);
  return conduct(stream, context, (conversation) => ask(conversation, settings, origin, own, circumstances));
}
