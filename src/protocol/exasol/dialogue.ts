import { isIPv6 } from 'node:net';
import type { Duplex } from 'node:stream';
import * as z from 'zod';
import type { DialogueContext, Said } from '../../model/dialogue.js';
import { type Conversation, conduct } from '../conversation.js';
import { Deadline } from '../deadline.js';
import { defineService } from '../definition.js';
import { closedEarly, identified, mismatch, notUnderstood, strange } from '../outcome.js';
import { quoteLine } from '../quote.js';
import { secure, tlsSettings } from '../secure.js';
import { acceptOf, closeFrame, newKey, understandUpgrade, upgradeRequest } from './websocket.js';

const settings = z.lazy(() =>
  z.strictObject({
    ...tlsSettings(),
    verify: tlsSettings().verify.removeDefault().default('no').meta({
      description:
        'What a certificate that does not hold is: a failure, a warning, or nothing, for Exasol’s own is self-signed. A fingerprint is held to in any case.',
    }),
    websocket: z.boolean().default(false).meta({
      description: 'Whether the upgrade to WebSocket is asked for as well, as drivers do before they log in.',
    }),
  }),
);
type Settings = z.infer<typeof settings>;

const service = 'exasol';

/**
 * Exasol from 7.1 on: TLS, in which drivers ask for WebSocket, in which they log in. Exasol's own documents test a port
 * with `openssl s_client`, so the handshake is what identifies; the upgrade tells more, and is still before any login
 * (https://github.com/exasol/websocket-api: "The Exasol connection server identifies the initial GET request by the
 * client"). What Exasol logs of a bare connect is not documented and could not be measured: so there are none.
 */
export const exasol = defineService({
  service,
  title: 'completes a TLS handshake; and with websocket, the upgrade to WebSocket',
  settings,
  bareConnects: 'logged',
  label: ({ websocket }) => (websocket ? 'websocket' : ''),
  converse,
});

async function converse(stream: Duplex, settings: Settings, context: DialogueContext): Promise<Said> {
  const secured = await secure(stream, settings, context);
  if (secured.kind === 'failed') return secured.said(service);
  const { detail, warning } = secured;
  return conduct(secured.stream, secured.context, async (conversation) =>
    settings.websocket ? upgrade(conversation, context, detail, warning) : identified(service, detail, warning),
  );
}

async function upgrade(
  conversation: Conversation,
  { target, port }: DialogueContext,
  detail: string,
  warning: string | undefined,
): Promise<Said> {
  const key = newKey();
  conversation.say(upgradeRequest(`${isIPv6(target) ? `[${target}]` : target}:${port}`, key));
  const heard = await conversation.hear(understandUpgrade);
  if (heard.kind === 'closed' && heard.bytes.length === 0)
    return closedEarly(service, 'when the upgrade to WebSocket was asked for');
  if (heard.kind !== 'heard')
    return notUnderstood(service, conversation, heard, 'Exasol answers the WebSocket upgrade');
  const answer = heard.value;
  if (answer === 'stranger') return strange(service, conversation);
  if (answer.status !== 101)
    return mismatch(service, `answers the upgrade to WebSocket with ${quoteLine(answer.statusLine)}`);
  if (answer.accept !== acceptOf(key))
    return mismatch(
      service,
      'takes the upgrade to WebSocket with a Sec-WebSocket-Accept that does not fit',
      'stranger',
    );
  await bidFarewell(conversation);
  return identified(service, `WebSocket over ${detail}`, warning);
}

// How long the server may take over its own Close frame, which RFC 6455, 7.1.1 has us wait for.
const farewellMs = 500;

async function bidFarewell(conversation: Conversation): Promise<void> {
  conversation.say(closeFrame());
  const patience = new Deadline(farewellMs);
  await conversation.hear((bytes) => (bytes.length < 2 ? undefined : { value: true, length: bytes.length }), patience);
  patience.cancel();
}
