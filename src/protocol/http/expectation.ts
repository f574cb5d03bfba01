import type { Said } from '../../model/dialogue.js';
import type { ServiceName } from '../../model/service.js';
import { identified, mismatch } from '../outcome.js';
import { quoteLine } from '../quote.js';
import { isGateway, wantsCertificate, wantsTls } from './error-page.js';
import type { Answer } from './exchange.js';
import type { Head } from './head.js';
import type { HttpSettings } from './settings.js';

type Expectation = Pick<HttpSettings, 'status' | 'answerHeaders' | 'body'>;

/**
 * Whether an answer is what was expected. `asked`: "GET /v2/". `circumstances`: clauses on how it came about, "after one
 * redirect".
 */
export function judgeAnswer(
  service: ServiceName,
  asked: string,
  answer: Answer,
  expected: Expectation,
  circumstances: readonly string[],
): Said {
  const seen = [describeAnswer(asked, answer.head), ...circumstances].join(', ');
  const { status } = answer.head;
  if (wantsTls(answer))
    return mismatch(service, `the port speaks TLS, and refuses plain HTTP: ${seen}; https may be meant`, 'stranger');
  if (wantsCertificate(answer)) return mismatch(service, `wants a client certificate (clientCertificate): ${seen}`);
  if (!accepts(expected.status, status)) return refuse(service, seen, answer, expected.status);
  for (const [name, source] of Object.entries(expected.answerHeaders)) {
    const value = answer.head.headers.get(name.toLowerCase());
    if (value === undefined) return mismatch(service, `${seen}, without the header ${name}`);
    if (!new RegExp(source).test(value))
      return mismatch(service, `${seen}, whose header ${name} does not match /${source}/`);
  }
  const lacking = expected.body === undefined ? undefined : whatBodyLacks(answer, expected.body);
  return lacking === undefined ? identified(service, seen) : mismatch(service, `${seen}, ${lacking}`);
}

/** `HTTP 200 to GET /v2/ (nginx/1.22.1)`. */
export function describeAnswer(asked: string, { status, headers }: Head): string {
  // The product that the header begins with (RFC 9110, 10.2.4).
  const server = /^[\x21-\x7e]{1,40}/.exec(headers.get('server') ?? '')?.[0];
  return `HTTP ${status} to ${asked}${server === undefined ? '' : ` (${server})`}`;
}

type Statuses = Expectation['status'];

function accepts(statuses: Statuses, status: number): boolean {
  if (statuses === undefined) return !downs.has(status);
  return statuses.some((each) => (typeof each === 'number' ? each === status : each[0] === `${status}`[0]));
}

// RFC 9110, 15.6.3 to 15.6.5: what gateways say of the server behind them, and servers of themselves while they start.
const downs: ReadonlySet<number> = new Set([502, 503, 504]);

function refuse(service: ServiceName, seen: string, answer: Answer, statuses: Statuses): Said {
  const instead = statuses === undefined ? '' : `, where ${listed(statuses)} is expected`;
  if (!downs.has(answer.head.status)) return mismatch(service, `${seen}${instead}`);
  if (!isGateway(answer)) return mismatch(service, `path fine, service down: ${seen}${instead}`);
  return mismatch(service, `path fine, upstream down: ${seen}${instead}`, 'upstream-down');
}

function listed(statuses: readonly (number | string)[]): string {
  const last = statuses.at(-1)!;
  return statuses.length === 1 ? `${last}` : `${statuses.slice(0, -1).join(', ')} or ${last}`;
}

/** A clause on what is wrong with the body; undefined where nothing is. */
function whatBodyLacks({ head, body }: Answer, source: string): string | undefined {
  if (body.end === 'cut') return 'and closed before the end of the body';
  if (body.end === 'silent') return 'and did not send the body to its end in time';
  if (body.end === 'broken') return 'with a body that is not chunked as its headers say';
  const coding = head.headers.get('content-encoding');
  if (coding !== undefined && !/^identity$/i.test(coding))
    return `with a body in the encoding ${quoteLine(coding)}, which is not read`;
  if (new RegExp(source).test(body.bytes.toString('utf8'))) return undefined;
  return `with a body that does not match /${source}/`;
}
