import type { Said } from '../../model/dialogue.js';
import type { Conversation } from '../conversation.js';
import type { OwnHeaders } from './credentials.js';
import { exchange } from './exchange.js';
import { judgeAnswer } from './expectation.js';
import { type Origin, type Redirect, redirectOf, shownPath } from './redirect.js';
import type { HttpSettings } from './settings.js';
import { unanswered } from './unanswered.js';

/**
 * Sends the request, follows as many redirects as the settings say, and judges the last answer. `circumstances`: clauses
 * on how it came about, for the detail.
 */
export async function ask(
  conversation: Conversation,
  settings: HttpSettings,
  origin: Origin,
  own: OwnHeaders,
  circumstances: readonly string[],
): Promise<Said> {
  let { method, path } = settings;
  for (let followed = 0; ; followed++) {
    const mayFollow = followed < settings.follow;
    const asked = `${method} ${followed === 0 ? path : shownPath(path)}`;
    const request = { ...own, method, target: path, host: origin.host, keepOpen: mayFollow };
    const heard = await exchange(conversation, request, settings.body !== undefined);
    if (heard.kind !== 'answer') return unanswered(origin.scheme, conversation, asked, heard);
    const { answer } = heard;
    const redirect = redirectOf(origin, path, answer.head);
    if (!mayFollow || redirect?.kind !== 'here' || !answer.staysOpen) {
      const clauses = [...circumstances, ...after(followed), ...towards(redirect, mayFollow)];
      return judgeAnswer(origin.scheme, asked, answer, settings, clauses);
    }
    path = redirect.path;
    // As browsers do (RFC 9110, 15.4): only 307 and 308 keep a POST a POST.
    if (method === 'POST' && answer.head.status < 307) method = 'GET';
  }
}

function after(followed: number): readonly string[] {
  if (followed === 0) return [];
  return [`after ${followed === 1 ? 'one redirect' : `${followed} redirects`}`];
}

/** What to say of a redirect that the last answer was. */
function towards(redirect: Redirect | undefined, mayFollow: boolean): readonly string[] {
  if (redirect === undefined) return [];
  if (redirect.kind === 'elsewhere')
    return [`redirected to ${redirect.where}${mayFollow ? ', which is elsewhere and not followed' : ''}`];
  const closed = mayFollow ? ', but not on this connection, and not followed' : '';
  return [`redirected to ${shownPath(redirect.path)}${closed}`];
}
