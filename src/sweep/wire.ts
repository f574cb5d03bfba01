import { isIP } from 'node:net';
import type { LatencyHistogram } from '../model/observation.js';
import { formatPorts, parsePorts } from '../model/port-set.js';
import type { ProbeToken, SweepEvent, SweepItem, SweepLimits } from '../model/sweep.js';
import { decodeAnswer, wholeNumber } from '../remote-program/answer-code.js';
import { decodeReady, type Ready, unescapeWord } from '../remote-program/ready.js';

// What the controller and a remote program say to each other, one line a sentence.
//
// To the program:
//   b BATCH RATE TIMEOUT_MS SEED AT_ONCE   a batch begins; where items of it ask, PADDED and TOKEN follow: what whoever
//                                          connects is said, blanks and all, and the bytes that it is padded to, or 0
//   i ITEM OWN KIND TARGET PORTS           OWN 1: own addresses allowed; KIND l literal, n name; PORTS `-`: resolve only;
//                                          `a` behind it: an item that asks
//   g                                      all items are there: go
//   h RATE NUMBER                          heartbeat, with the rate that holds from now on
//   x                                      stop the batch
// Only python and perl are sent items that ask, so only they know of PADDED, TOKEN and `a`.
// From the program, every line behind the run's nonce:
//   ready ENGINE INTERPRETER VERSION FEATURES
//   f TABLE FIELD…                         a row of one of the node's tables, see facts.ts
//   .                                      the end of the facts
//   v ITEM TOOK ADDRESS…                   what a name resolved to, in how many microseconds; TOOK `-`: not timed
//   n ITEM DETAIL                          it did not
//   r ITEM ADDRESS CODE PORTS              answers; CODE o, e:ERRNO[:VERSION/TYPE/CODE/SENDER], t:MS or u:CAUSE[:DETAIL];
//                                          of items that ask, instead of o: a:ANSWER[:PORT], x:silent, x:closed, x:reset
//                                          or x:stranger:HEX
//   l ITEM ADDRESS SOURCE MIN MAX BUCKETS  connect times
//   p PROBES                               progress
//   e NUMBER                               this heartbeat was heard
//   d BATCH PROBES RECORDS END             the end, with how many v, n, r and l lines there were; END e or x: stopped

export type Message =
  | Ready
  | { readonly type: 'fact'; readonly table: string; readonly fields: readonly string[] }
  | { readonly type: 'facts-end' }
  | { readonly type: 'event'; readonly event: SweepEvent }
  | { readonly type: 'echo'; readonly number: number }
  | { readonly type: 'done'; readonly batch: number; readonly records: number };

/** The lines that start a batch. Throws where a target or the token would break its line, or an item has nothing to ask. */
export function encodeBatch(
  batch: number,
  items: readonly SweepItem[],
  limits: SweepLimits & { readonly atOnce: number },
): string {
  const { rate, timeoutMs, seed, atOnce, token } = limits;
  const asking = items.some(({ ask }) => ask === true);
  if (asking && token === undefined) throw new Error('items that ask, and no token to say');
  const lines = items.map(({ id, target, ports, allowOwnAddress, ask }) => {
    if (/\s/.test(target) || target === '') throw new Error(`not a target: ${JSON.stringify(target)}`);
    const common = `i ${id} ${allowOwnAddress ? 1 : 0} ${isIP(target) === 0 ? 'n' : 'l'} ${target}`;
    return `${common} ${formatPorts(ports) || '-'}${ask === true ? ' a' : ''}`;
  });
  const first = `b ${batch} ${rate} ${Math.ceil(timeoutMs)} ${seed} ${atOnce}`;
  return `${[asking && token !== undefined ? `${first} ${encodeToken(token)}` : first, ...lines, 'g'].join('\n')}\n`;
}

function encodeToken({ text, paddedTo }: ProbeToken): string {
  if (!/^[!-~]+(?: [!-~]+)*$/.test(text)) throw new Error(`not a token: ${JSON.stringify(text)}`);
  return `${paddedTo} ${text}`;
}

/** Reads what follows the nonce; undefined where it is no sentence of this language. */
export function decodeMessage(text: string): Message | undefined {
  const [word, ...fields] = text.trimEnd().split(' ');
  switch (word) {
    case 'ready':
      return decodeReady(fields);
    case 'f': {
      const [table, ...rest] = fields;
      return table === undefined ? undefined : { type: 'fact', table, fields: rest };
    }
    case '.':
      return { type: 'facts-end' };
    case 'e': {
      const number = wholeNumber(fields[0]);
      return number === undefined ? undefined : { type: 'echo', number };
    }
    case 'd': {
      const [batch, , records] = fields.map(wholeNumber);
      return batch === undefined || records === undefined ? undefined : { type: 'done', batch, records };
    }
    default: {
      const event = decodeEvent(word, fields);
      return event === undefined ? undefined : { type: 'event', event };
    }
  }
}

function decodeEvent(word: string | undefined, fields: readonly string[]): SweepEvent | undefined {
  const first = wholeNumber(fields[0]);
  if (first === undefined) return undefined;
  switch (word) {
    case 'p':
      return { type: 'progress', probes: first };
    case 'v':
      return decodeResolved(first, fields.slice(1));
    case 'n':
      return { type: 'name-failure', item: first, detail: unescapeWord(fields[1] ?? '') };
    case 'r': {
      const [, address, code, portsText] = fields;
      if (address === undefined || code === undefined || portsText === undefined) return undefined;
      const ports = parsePorts(portsText);
      const answer = decodeAnswer(code, address);
      return ports && answer && { type: 'answers', item: first, address, ports, answer };
    }
    case 'l': {
      const [, address, source, least, most, buckets] = fields;
      const histogram = decodeHistogram(least, most, buckets);
      if (address === undefined || histogram === undefined) return undefined;
      return { type: 'latency', item: first, address, sourceAddress: source === '-' ? undefined : source, histogram };
    }
    default:
      return undefined;
  }
}

function decodeResolved(item: number, [took, ...rest]: readonly string[]): SweepEvent | undefined {
  const addresses = rest.filter((address) => address !== '');
  if (took === '-') return { type: 'resolved', item, addresses };
  const microseconds = wholeNumber(took);
  if (microseconds === undefined) return undefined;
  return { type: 'resolved', item, addresses, resolveMs: microseconds / 1000 };
}

function decodeHistogram(
  least: string | undefined,
  most: string | undefined,
  text: string | undefined,
): LatencyHistogram | undefined {
  const minUs = wholeNumber(least);
  const maxUs = wholeNumber(most);
  if (minUs === undefined || maxUs === undefined || text === undefined) return undefined;
  const buckets = new Map<number, number>();
  if (text !== '-')
    for (const pair of text.split(',')) {
      const [bucket, count] = pair.split(':').map(wholeNumber);
      if (bucket === undefined || count === undefined) return undefined;
      buckets.set(bucket, count);
    }
  return { buckets, minUs, maxUs };
}
