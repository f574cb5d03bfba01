import type { Said } from '../../model/dialogue.js';
import type { ServiceName } from '../../model/service.js';
import type { Conversation } from '../conversation.js';
import { closedEarly, mismatch, notUnderstood, seconds } from '../outcome.js';
import { describeStranger } from '../stranger.js';
import { looksLikeTls } from '../tls/record.js';
import type { Exchange } from './exchange.js';

/** What it means that a request got no answer. */
export async function unanswered(
  service: ServiceName,
  conversation: Conversation,
  asked: string,
  heard: Exclude<Exchange, { readonly kind: 'answer' }>,
): Promise<Said> {
  switch (heard.kind) {
    case 'malformed':
      return mismatch(service, `malformed HTTP: an answer to ${asked} ${heard.why}`);
    case 'stranger':
      return stranger(service, conversation);
    case 'closed':
      if (heard.bytes.length > 0) return mismatch(service, `closed within the headers of the answer to ${asked}`);
      return closedEarly(
        service,
        service === 'http' ? `without an answer to ${asked}; ${maybeTls}` : `without an answer to ${asked}`,
      );
    case 'silence':
      if (heard.bytes.length === 0)
        return notUnderstood(service, conversation, heard, `an HTTP server answers ${asked}`);
      return mismatch(
        service,
        `the headers of the answer to ${asked} did not end in ${seconds(conversation.elapsedMs)}`,
      );
  }
}

// Elasticsearch's and Node's TLS listeners, among others, say nothing at all to plain HTTP.
const maybeTls = 'some ports that want TLS do so: https may be meant';

/** Another protocol: which, and what may be done about it. */
async function stranger(service: ServiceName, conversation: Conversation): Promise<Said> {
  const bytes = await conversation.firstLine();
  const who = describeStranger(bytes);
  if (service === 'http' && looksLikeTls(bytes)) return mismatch(service, `${who}; https may be meant`, 'stranger');
  const hint = who === 'an HTTP/2 server answers' ? ', which does not speak HTTP/1.1' : '';
  return mismatch(service, `${who}${hint}`, 'stranger');
}
