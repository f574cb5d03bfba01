import type { Duplex } from 'node:stream';
import * as z from 'zod';
import type { BareConnects, DialogueContext, Said } from '../model/dialogue.js';
import type { ServiceName } from '../model/service.js';
import type { Conversation } from './conversation.js';
import { type Secured, secure, type TlsSettings, tlsSettings } from './secure.js';

const rules = z.lazy(() => z.strictObject(tlsSettings()).meta({ id: 'tls' }));

/** TLS, in the settings of a dialogue that can do without: `true`, or the rules for it. */
export const tlsRules = z.union([z.literal(true), rules], { error: 'true, or the settings of TLS' });

/** The rules with what is left out filled in. */
export function toRules(tls: z.infer<typeof tlsRules>): TlsSettings {
  return tls === true ? rules.parse({}) : tls;
}

/**
 * What a bare connect does to a service that logs none, by whether it speaks TLS: then most log a handshake that failed
 * (measured on Redis 7.0; docker-registry, as any server in Go).
 */
export function unlessOverTls({ tls }: { readonly tls?: unknown }): BareConnects {
  return tls === undefined ? 'harmless' : 'logged';
}

/**
 * Says over TLS what there is to say; the answer then tells of both. `alpn`: the protocols to offer, best first;
 * `agreed`: the one that the server chose.
 */
export async function overTls(
  service: ServiceName,
  stream: Duplex,
  tls: z.infer<typeof tlsRules>,
  context: DialogueContext,
  talk: (stream: Duplex, context: DialogueContext, agreed: string | undefined) => Promise<Said>,
  alpn: readonly string[] = [],
): Promise<Said> {
  const secured = await secure(stream, toRules(tls), context, { alpn });
  if (secured.kind === 'failed') return secured.said(service);
  return withHandshake(await talk(secured.stream, secured.context, secured.alpn), secured);
}

/** The stream of a conversation that goes on in TLS, and what is left of the time for it. */
export function released(conversation: Conversation, context: DialogueContext): [Duplex, DialogueContext] {
  const timeoutMs = Math.max(1, context.timeoutMs - conversation.elapsedMs);
  return [conversation.release(), { ...context, timeoutMs }];
}

function withHandshake(said: Said, { detail, warning }: Extract<Secured, { readonly kind: 'secured' }>): Said {
  const warnings = [said.warning, warning].filter((each) => each !== undefined);
  return {
    ...said,
    detail: `${said.detail}, over ${detail}`,
    ...(warnings.length === 0 ? {} : { warning: warnings.join('; ') }),
  };
}
