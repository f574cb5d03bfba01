import type { Duplex } from 'node:stream';
import type { DialogueContext, Said, Transcript, Tunnel } from '../../model/dialogue.js';
import type { ServiceName } from '../../model/service.js';
import { Conversation } from '../conversation.js';
import { closedEarly, mismatch, seconds } from '../outcome.js';
import { quoteLine } from '../quote.js';
import { describeStranger } from '../stranger.js';
import { hearHead } from './exchange.js';
import { describeAnswer } from './expectation.js';
import type { Head } from './head.js';
import { writeRequest } from './request.js';

/**
 * Asks the HTTP proxy at the other end of a stream for a tunnel to `authority`, written as {@link authorityOf} does
 * (RFC 9110, 9.3.6). The proxy resolves names, and the timeout is that of the context, for the tunnel alone. Rejects
 * with the reason of the signal.
 */
export async function connectThrough(stream: Duplex, authority: string, context: DialogueContext): Promise<Tunnel> {
  const conversation = new Conversation(stream, { ...context, transcript: withoutPhases(context.transcript) });
  try {
    // Some proxies take "Connection: close" for the end of the tunnel.
    conversation.say(
      writeRequest({ method: 'CONNECT', target: authority, host: authority, headers: new Map(), keepOpen: true }),
    );
    const said = await hearProxy(conversation);
    if (said === undefined) return { kind: 'tunnelled', stream: conversation.release() };
    await conversation.end();
    return { kind: 'failed', said };
  } finally {
    conversation.cancel();
  }
}

/** What it means that there is no tunnel; undefined where there is one. */
async function hearProxy(conversation: Conversation): Promise<((service: ServiceName) => Said) | undefined> {
  const heard = await hearHead(conversation);
  const failed = (detail: string) => (service: ServiceName) => mismatch(service, detail, 'proxy');
  switch (heard.kind) {
    case 'head':
      return heard.head.status >= 200 && heard.head.status < 300 ? undefined : failed(describeRefusal(heard.head));
    case 'malformed':
      return failed(`the proxy answers CONNECT in malformed HTTP, ${heard.why}`);
    case 'stranger':
      return failed(`where an HTTP proxy is expected, ${describeStranger(await conversation.firstLine())}`);
    case 'closed':
      return (service) => closedEarly(service, 'by the proxy without an answer to CONNECT');
    case 'silence':
      return failed(
        `the proxy left CONNECT unanswered for ${seconds(conversation.elapsedMs)}: it may wait for the destination`,
      );
  }
}

function describeRefusal(head: Head): string {
  const { status, reason, headers } = head;
  // Squid says there what went wrong: `ERR_CONNECT_FAIL 111`, with the errno.
  const words = [quoteLine(reason), quoteLine(headers.get('x-squid-error') ?? '')].filter((each) => each !== '');
  const said = [describeAnswer('CONNECT', head), ...words].join(', ');
  if (status === 407) return `the proxy refuses, for it wants a login: ${said}`;
  // RFC 9110, 15.6, names 502 and 504 for this; tinyproxy says 500.
  return status >= 500 ? `the proxy cannot reach it: ${said}` : `the proxy refuses: ${said}`;
}

/** The first byte of the service is what is timed, not the proxy's. */
function withoutPhases(transcript: Transcript): Transcript {
  return {
    note: (text) => transcript.note(text),
    sent: (bytes, secrets) => transcript.sent(bytes, secrets),
    received: (bytes) => transcript.received(bytes),
    phase: () => {},
  };
}
