import { tokenDigits } from '../model/listening.js';
import type { Answer } from '../model/observation.js';
import { unescapeWord } from './ready.js';

const untriedDetails = {
  'own-address': (address: string) => `${address} is the source's own address`,
  'out-of-sockets': (_address: string, errno: string) => `the node ran out of sockets (${errno})`,
  'no-engine': (_address: string, sentence: string) => unescapeWord(sentence),
  'engine-failed': (_address: string, sentence: string) => unescapeWord(sentence),
} as const;

/**
 * Reads what a program says of a connect: `o`, `e:ERRNO[:VERSION/TYPE/CODE/SENDER]`, `t:MILLISECONDS` or
 * `u:CAUSE[:DETAIL]`; of one that said a token, `a:ANSWER[:PORT]`, `x:silent`, `x:closed`, `x:reset` or `x:stranger:HEX`.
 * Undefined where it is none of these.
 */
export function decodeAnswer(code: string, address: string): Answer | undefined {
  const [kind, name, ...rest] = code.split(':');
  if (kind === 'o') return { kind: 'connected' };
  if (name === undefined) return undefined;
  if (kind === 't') {
    const afterMs = wholeNumber(name);
    return afterMs === undefined ? undefined : { kind: 'silence', afterMs };
  }
  if (kind === 'u' && isUntriedCause(name))
    return { kind: 'untried', cause: name, detail: untriedDetails[name](address, rest.join(':')) };
  if (kind === 'a') return decodeToken(name, rest);
  if (kind === 'x') return decodeTokenless(name, rest);
  if (kind !== 'e' || !/^E\w+$/.test(name)) return undefined;
  if (rest.length === 0) return { kind: 'error', errno: name };
  // The sender may be an IPv6 address, colons and all.
  const [version, type, detail, sender] = rest.join(':').split('/');
  const numbers = [wholeNumber(type), wholeNumber(detail)] as const;
  if ((version !== '4' && version !== '6') || numbers[0] === undefined || numbers[1] === undefined || !sender) return;
  return {
    kind: 'error',
    errno: name,
    icmp: { version: version === '4' ? 4 : 6, type: numbers[0], code: numbers[1], sender },
  };
}

const answerPattern = new RegExp(`^[0-9a-f]{${tokenDigits}}$`);

function decodeToken(answer: string, [port, ...more]: readonly string[]): Answer | undefined {
  if (!answerPattern.test(answer) || more.length > 0) return undefined;
  if (port === undefined) return { kind: 'token', answer };
  const number = wholeNumber(port);
  return number === undefined ? undefined : { kind: 'token', answer, port: number };
}

function decodeTokenless(how: string, [hex, ...more]: readonly string[]): Answer | undefined {
  if (how === 'stranger')
    return hex !== undefined && more.length === 0 && /^(?:[0-9a-f]{2})+$/.test(hex)
      ? { kind: 'tokenless', how, said: printable(hex) }
      : undefined;
  if (hex !== undefined || (how !== 'silent' && how !== 'closed' && how !== 'reset')) return undefined;
  return { kind: 'tokenless', how };
}

/** Bytes as ASCII, a dot for what cannot be printed. */
function printable(hex: string): string {
  return Buffer.from(hex, 'hex')
    .toString('latin1')
    .replace(/[^ -~]/g, '·');
}

function isUntriedCause(name: string): name is keyof typeof untriedDetails {
  return Object.hasOwn(untriedDetails, name);
}

/** A number of up to 15 digits; undefined for anything else. */
export function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
