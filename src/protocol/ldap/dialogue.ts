import type { Said } from '../../model/dialogue.js';
import { type Conversation, conduct } from '../conversation.js';
import { defineService, noSettings } from '../definition.js';
import { notUnderstood, strange } from '../outcome.js';
import { readMessage, rootDseRequest, unbindRequest } from './message.js';
import { type Attributes, answered, disconnected, tellingAttributes, withheld } from './result.js';

const service = 'ldap';
const expected = 'LDAP answers a search of its root DSE';

/**
 * LDAP, by a search of the root DSE without a bind, which RFC 4512 (5.1) has every server answer. Measured on slapd 2.5: at
 * `loglevel none`, Debian's default, nothing is logged; at `stats` a bare connect leaves ACCEPT and `closed (connection
 * lost)`, and this dialogue ACCEPT, SRCH, SEARCH RESULT, UNBIND and `closed`.
 */
export const ldap = defineService({
  service,
  title: 'answers a search of its root DSE',
  settings: noSettings,
  bareConnects: 'harmless',
  converse: (stream, _, context) => conduct(stream, context, converse),
});

async function converse(conversation: Conversation): Promise<Said> {
  conversation.say(rootDseRequest(1, tellingAttributes));
  const said = await hearSearch(conversation);
  conversation.say(unbindRequest(2));
  return said;
}

/** Hears the root DSE, which is one entry, and the end of the search. */
async function hearSearch(conversation: Conversation): Promise<Said> {
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
        return entry === undefined ? withheld(message.result) : answered(entry);
      case 'extended':
        return disconnected(message.result);
      case undefined:
        if (entry !== undefined) return answered(entry);
        return heard.kind === 'heard'
          ? strange(service, conversation)
          : notUnderstood(service, conversation, heard, expected);
    }
  }
}
