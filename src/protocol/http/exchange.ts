import type { Conversation, Unheard } from '../conversation.js';
import { Deadline } from '../deadline.js';
import { type Body, framingOf, readBody, unfinishedBody } from './body.js';
import { type Head, readHead } from './head.js';
import { type Request, writeRequest } from './request.js';

/** What came of one request. */
export type Exchange =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'malformed'; readonly why: string }
  | { readonly kind: 'stranger' }
  | Unheard;

export interface Answer {
  readonly head: Head;
  readonly body: Body;
  /** Whether the connection would take another request. */
  readonly staysOpen: boolean;
}

// How long a body is waited for that nobody needs: some servers take our FIN in the middle of it for an aborted request
// (Go's, for one: https://github.com/golang/go/issues/18527), and may say so in their logs.
const politenessMs = 500;
// 100 Continue, 103 Early Hints: more of them than this is a loop.
const mostInterim = 8;

/** Sends a request and hears its answer. `bodyNeeded`: it is waited for as long as the conversation may take. */
export async function exchange(conversation: Conversation, request: Request, bodyNeeded: boolean): Promise<Exchange> {
  conversation.say(
    writeRequest(request),
    request.secrets?.map((secret) => Buffer.from(secret)),
  );
  const opening = await hearHead(conversation);
  if (opening.kind !== 'head') return opening;
  const { head } = opening;
  const framing = framingOf(request.method, head);
  if (framing === undefined) return { kind: 'malformed', why: 'whose length is not a number' };
  const patience = bodyNeeded ? undefined : new Deadline(politenessMs);
  const heard = await conversation.hear((bytes) => readBody(framing, bytes), patience);
  patience?.cancel();
  const body = heard.kind === 'heard' ? heard.value : unfinishedBody(framing, heard.kind, heard.bytes);
  return {
    kind: 'answer',
    answer: { head, body, staysOpen: body.end === 'whole' && heard.kind === 'heard' && !closes(head) },
  };
}

/** The first answer that is final. */
export async function hearHead(
  conversation: Conversation,
): Promise<{ readonly kind: 'head'; readonly head: Head } | Exclude<Exchange, { readonly kind: 'answer' }>> {
  for (let count = 0; count <= mostInterim; count++) {
    const heard = await conversation.hear(readHead);
    if (heard.kind !== 'heard') return heard;
    const opening = heard.value;
    if (opening.kind !== 'head' || opening.head.status >= 200 || opening.head.status === 101) return opening;
  }
  return { kind: 'malformed', why: 'in which no final status follows' };
}

function closes({ minor, headers }: Head): boolean {
  const connection = headers.get('connection') ?? '';
  return minor === 0 ? !/\bkeep-alive\b/i.test(connection) : /\bclose\b/i.test(connection);
}
