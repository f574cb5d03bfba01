import { conduct } from '../conversation.js';
import { defineService, noSettings } from '../definition.js';
import { identified, mismatch } from '../outcome.js';
import { exchange } from './exchange.js';
import { describeAnswer } from './expectation.js';
import { originOf } from './redirect.js';
import { unanswered } from './unanswered.js';

const path = '/gpfdist/status';
const asked = `GET ${path}`;
const versionHeader = 'X-GPFDIST-VERSION';

/**
 * Greenplum's file server, by its status page, which is answered before any session begins (gpfdist.c,
 * send_gpfdist_status). Every answer of it names its version in a header, refusals too, so an old one without that page
 * is known as well. One that was started with --ssl is a matter for https, with this path and header.
 */
export const gpfdist = defineService({
  service: 'gpfdist',
  title: `answers in HTTP and names its version (${versionHeader})`,
  settings: noSettings,
  // gpfdist.c, do_read_request: "socket closed by peer" is a warning.
  bareConnects: 'logged',
  converse: (stream, _settings, context) =>
    conduct(stream, context, async (conversation) => {
      const { host } = originOf('http', undefined, context);
      const request = { method: 'GET', target: path, host, headers: new Map() };
      const heard = await exchange(conversation, request, false);
      if (heard.kind !== 'answer') return unanswered('gpfdist', conversation, asked, heard);
      const { head } = heard.answer;
      // `6.25.3 build commit:…`
      const version = head.headers.get(versionHeader.toLowerCase())?.split(' ', 1)[0];
      if (version !== undefined) return identified('gpfdist', `gpfdist ${version} answers HTTP ${head.status}`);
      return mismatch('gpfdist', `${describeAnswer(asked, head)}, without the header ${versionHeader}`);
    }),
});
