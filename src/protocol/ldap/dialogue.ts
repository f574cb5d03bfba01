import type { Duplex } from 'node:stream';
import * as z from 'zod';
import type { DialogueContext, Said } from '../../model/dialogue.js';
import type { ServiceName } from '../../model/service.js';
import { type Conversation, conduct } from '../conversation.js';
import { Deadline } from '../deadline.js';
import { defineService } from '../definition.js';
import { mismatch, notUnderstood, strange } from '../outcome.js';
import { overTls, released, tlsRules } from '../over-tls.js';
import { tlsSettings } from '../secure.js';
import { readMessage, rootDseRequest, startTlsRequest, unbindRequest } from './message.js';
import { type Attributes, answered, disconnected, tellingAttributes, tlsRefused, withheld } from './result.js';

/**
 * LDAP, by a search of the root DSE without a bind, which RFC 4512 (5.1) has every server answer. Measured on slapd 2.5: at
 * `loglevel none`, Debian's default, nothing is logged; at `stats` a bare connect leaves ACCEPT and `closed (connection
 * lost)`, and this dialogue ACCEPT, SRCH, SEARCH RESULT, UNBIND and `closed`.
 */
export const ldap = defineService({
  service: 'ldap',
  title: 'answers a search of its root DSE',
  settings: z.lazy(() =>
    z.strictObject({
      starttls: tlsRules
        .meta({ description: 'The server has to go on in TLS when it is asked to (StartTLS); the rules for it.' })
        .optional(),
    }),
  ),
  bareConnects: 'harmless',
  label: ({ starttls }) => (starttls === undefined ? '' : 'with StartTLS'),
  converse: (stream, { starttls }, context) =>
    starttls === undefined ? search('ldap', stream, context) : startTls(stream, starttls, context),
});

/** LDAP in TLS from the first byte. */
export const ldaps = defineService({
  service: 'ldaps',
  title: 'answers a search of its root DSE, over TLS from the first byte',
  settings: z.lazy(() => z.strictObject(tlsSettings())),
  // Measured on slapd 2.5 at `loglevel stats`: "TLS: can't accept: The TLS connection was non-properly terminated".
  bareConnects: 'logged',
  converse: (stream, settings, context) =>
    overTls('ldaps', stream, settings, context, (stream, context) => search('ldaps', stream, context)),
});

function search(service: ServiceName, stream: Duplex, context: DialogueContext): Promise<Said> {
  return conduct(stream, context, async (conversation) => {
    conversation.say(rootDseRequest(searchId, tellingAttributes));
    return leave(conversation, await hearSearch(service, conversation));
  });
}

// How long a server may take to close after the unbind, which RFC 4511, 4.3 has it do.
const farewellMs = 500;

/**
 * Unbinds, and lets the server close first: slapd 2.5 that finds our FIN while it closes logs "connection_read(7): no
 * connection!" (measured: once in a hundred times).
 */
async function leave(conversation: Conversation, said: Said): Promise<Said> {
  conversation.say(unbindRequest(unbindId));
  const farewell = new Deadline(farewellMs);
  await conversation.hear(() => undefined, farewell);
  farewell.cancel();
  return said;
}

/** RFC 4511, 4.14. */
function startTls(stream: Duplex, rules: z.infer<typeof tlsRules>, context: DialogueContext): Promise<Said> {
  return conduct(stream, context, async (conversation) => {
    conversation.say(startTlsRequest(startTlsId));
    const heard = await conversation.hear(readMessage);
    if (heard.kind !== 'heard') return notUnderstood('ldap', conversation, heard, 'LDAP answers StartTLS');
    if (heard.value === undefined) return strange('ldap', conversation);
    if (heard.value.kind !== 'extended')
      return mismatch('ldap', 'an LDAP server answers StartTLS with what is no answer to it');
    const { asked, result } = heard.value;
    if (!asked) return disconnected('ldap', result);
    if (result.code !== 0) return leave(conversation, tlsRefused(result));
    const [rest, left] = released(conversation, context);
    return overTls('ldap', rest, rules, left, (stream, context) => search('ldap', stream, context));
  });
}

// What answers carry to tell what they answer.
const startTlsId = 1;
const searchId = 2;
const unbindId = 3;

/** Hears the root DSE, which is one entry, and the end of the search. */
async function hearSearch(service: ServiceName, conversation: Conversation): Promise<Said> {
  let entry: Attributes | undefined;
  for (;;) {
    const heard = await conversation.hear(readMessage);
    const message = heard.kind === 'heard' ? heard.value : undefined;
    switch (message?.kind) {
      case 'entry':
        entry = message.attributes;
        continue;
      case 'reference':
        continue;
      case 'done':
        return entry === undefined ? withheld(service, message.result) : answered(service, entry);
      case 'extended':
        return disconnected(service, message.result);
      case undefined:
        if (entry !== undefined) return answered(service, entry);
        return heard.kind === 'heard'
          ? strange(service, conversation)
          : notUnderstood(service, conversation, heard, 'LDAP answers a search of its root DSE');
    }
  }
}
