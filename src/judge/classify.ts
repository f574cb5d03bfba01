import { canonicalAddress, isOwnAddress } from '../model/addresses.js';
import type { EngineName } from '../model/engine.js';
import type { Answer, DialogueProblem, UntriedCause } from '../model/observation.js';
import type { Outcome } from '../model/report.js';
import type { ServiceName } from '../model/service.js';

/** What has to be known beside an answer to say what it means. */
export interface AnswerContext {
  /** The literal address that was tried. */
  readonly address: string;
  /** Undefined where the source did not tell. */
  readonly sourceAddresses: readonly string[] | undefined;
  /** Undefined for a dialogue over `dial`, which reads no error queue either. */
  readonly engine: EngineName | undefined;
  /** Whether another port of the address answered this source in this run. */
  readonly addressAnswered: boolean;
  /** The service that the check's port names. */
  readonly service: ServiceName | undefined;
  /** The word that the destination's temporary listeners answer; undefined where there are none. */
  readonly listener?: string | undefined;
  /** The host whose listeners answer a word. */
  readonly listenerOf?: ((answer: string) => string | undefined) | undefined;
}

export interface Classified {
  readonly outcome: Outcome;
  readonly reason: string | null;
  readonly sender?: string | undefined;
  readonly untried?: UntriedCause | undefined;
  readonly identified?: true | undefined;
  /** Our own listener answered. */
  readonly listened?: true | undefined;
  /** It connected, and not a byte came back. */
  readonly unanswered?: true | undefined;
  readonly warning?: string | undefined;
  /** A clause for the reader that changes no verdict. */
  readonly note?: string | undefined;
  readonly problem?: DialogueProblem | undefined;
}

const untriedWords: Record<UntriedCause, string> = {
  'no-login': 'no login',
  'no-engine': 'no engine',
  'out-of-sockets': 'out of sockets',
  'connection-lost': 'connection lost',
  'forwarding-forbidden': 'forwarding forbidden',
  'own-address': 'own address',
  interrupted: 'interrupted',
  'engine-failed': 'engine failed',
  'no-listener': 'no listener',
  'port-in-use': 'port in use',
  'rate-ban': 'banned for its rate',
  'not-asked': 'not asked',
};

/** Says which outcome an answer is, and why. */
export function classify(answer: Answer, context: AnswerContext): Classified {
  switch (answer.kind) {
    case 'connected':
      return { outcome: 'open', reason: null };
    case 'silence':
      return { outcome: 'timeout', reason: seconds(answer.afterMs) };
    case 'untried':
      return unprobed(answer.cause, answer.detail);
    case 'token':
    case 'tokenless':
      return classifyToken(answer, context);
    case 'dialogue':
      return classifyDialogue(answer, context.service);
    case 'error':
      return answer.icmp === undefined ? classifyErrno(answer.errno, context) : classifyIcmp(answer.icmp, context);
  }
}

/** A probe that could not be made, and why, in words. */
export function unprobed(cause: UntriedCause, detail: string): Classified {
  const words = untriedWords[cause];
  return { outcome: 'unprobed', reason: detail === '' ? words : `${words}: ${detail}`, untried: cause };
}

/** `3.5 s`, to a tenth: the waits of one range are then one reason. */
function seconds(ms: number): string {
  return `${Number((ms / 1000).toFixed(1))} s`;
}

const tokenlessWords = {
  silent: 'connected, and nothing answers our token',
  closed: 'connected, and closed without an answer to our token',
  reset: 'connected, and reset without an answer to our token',
  stranger: 'something else than our listener answers',
} as const;

/** What a temporary listener of ours was to answer, and whose answer came. */
function classifyToken(
  answer: Answer & { readonly kind: 'token' | 'tokenless' },
  { listener, listenerOf }: AnswerContext,
): Classified {
  if (answer.kind === 'tokenless') {
    const said = answer.said === undefined ? '' : `: ${JSON.stringify(answer.said)}`;
    const outcome = answer.how === 'stranger' || answer.how === 'silent' ? 'mismatch' : 'reset';
    const unanswered = answer.how === 'stranger' ? undefined : true;
    return { outcome, reason: tokenlessWords[answer.how] + said, problem: 'no-token', unanswered };
  }
  if (answer.answer !== listener) {
    const whose = listenerOf?.(answer.answer);
    const reason = whose === undefined ? tokenlessWords.stranger : `the listener on ${whose} answers instead`;
    return { outcome: 'mismatch', reason, problem: 'no-token' };
  }
  if (answer.port !== undefined)
    return { outcome: 'mismatch', reason: `our listener on port ${answer.port} answers instead`, problem: 'no-token' };
  return { outcome: 'open', reason: null, listened: true };
}

type DialogueAnswer = Answer & { readonly kind: 'dialogue' };

function classifyDialogue(answer: DialogueAnswer, service: ServiceName | undefined): Classified {
  const warning = answer.warning === undefined ? {} : { warning: answer.warning };
  const problem = answer.problem === undefined ? {} : { problem: answer.problem };
  // The proxy's answer, whoever was to be spoken to.
  if (answer.problem === 'proxy') return { outcome: answer.outcome, reason: answer.detail, ...problem };
  if (answer.outcome === 'open') {
    if (service === undefined || service === 'tcp' || service === answer.service)
      return { outcome: 'open', reason: answer.detail, identified: true, ...warning, ...problem };
    return {
      outcome: 'mismatch',
      reason: `${answer.service} instead of ${service}: ${answer.detail}`,
      problem: 'stranger',
    };
  }
  // The dialogue was spoken because a bare connect might harm, not because this check asks for that service.
  if (service !== answer.service) return { outcome: 'open', reason: `not ${answer.service}: ${answer.detail}` };
  return { outcome: answer.outcome, reason: answer.detail, ...problem };
}

type Icmp = NonNullable<(Answer & { readonly kind: 'error' })['icmp']>;

const prohibited: Record<4 | 6, readonly string[]> = { 4: ['3/9', '3/10', '3/13'], 6: ['1/1', '1/5', '1/6'] };
/** Network or host unreachable; of IPv6 no route, and address unreachable. */
const nothingBehind: Record<4 | 6, readonly string[]> = { 4: ['3/0', '3/1'], 6: ['1/0', '1/3'] };
const portUnreachable: Record<4 | 6, string> = { 4: '3/3', 6: '1/4' };
const unreachableType: Record<4 | 6, number> = { 4: 3, 6: 1 };

function classifyIcmp(icmp: Icmp, context: AnswerContext): Classified {
  const code = `${icmp.type}/${icmp.code}`;
  const name = icmp.version === 4 ? `icmp ${code}` : `icmpv6 ${code}`;
  const sender = canonicalAddress(icmp.sender);
  const sent = { reason: `${name} from ${sender}`, sender };
  const fromDestination = sender === canonicalAddress(context.address);
  // Before the question whether the source sent it itself: of a loopback flow the destination's rule is the source's. What
  // the destination calls unreachable is usually behind it, a container behind a mapping: that it is gone denies nothing. A
  // rule of its own may send the same message, so no more is claimed.
  if (fromDestination && icmp.type === unreachableType[icmp.version])
    return nothingBehind[icmp.version].includes(code)
      ? { outcome: 'unreachable', reason: `${sent.reason} itself, perhaps of what is behind it`, sender }
      : { outcome: 'rejected', ...sent };
  if (isOwnAddress(sender, context.sourceAddresses)) {
    const noNeighbour = code === '3/1' || (icmp.version === 6 && code === '1/3');
    // The kernel answers itself, with host unreachable, when nobody answered its ARP or neighbour request.
    return { outcome: 'unreachable', reason: noNeighbour ? `local ${name}, no neighbour answered` : `local ${name}` };
  }
  if (prohibited[icmp.version].includes(code) || portUnreachable[icmp.version] === code)
    return { outcome: 'rejected', ...sent };
  return { outcome: 'unreachable', ...sent };
}

function classifyErrno(errno: string, { address, addressAnswered, engine }: AnswerContext): Classified {
  const readsErrorQueue = engine === 'python';
  switch (errno) {
    case 'ECONNREFUSED':
      return { outcome: 'refused', reason: readsErrorQueue ? 'rst' : 'rst or icmp 3/3' };
    case 'ECONNRESET':
      return { outcome: 'reset', reason: errno };
    case 'ETIMEDOUT':
      return { outcome: 'timeout', reason: errno };
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ENOPROTOOPT':
      // Each of them is what Linux makes of an ICMP message that prohibits: 3/10 and 3/13, 3/9, 3/2.
      if (!readsErrorQueue && addressAnswered) return { outcome: 'rejected', reason: `${errno}, other ports answer` };
      return { outcome: 'unreachable', reason: errno };
    case 'ENETDOWN':
    case 'EHOSTDOWN':
    case 'ENONET':
      return { outcome: 'unreachable', reason: errno };
    case 'EACCES':
      // Linux turns ICMPv6 "administratively prohibited" into EACCES as well: without the queue it may be either.
      if (!readsErrorQueue && address.includes(':'))
        return addressAnswered
          ? { outcome: 'rejected', reason: 'EACCES, other ports answer' }
          : { outcome: 'unreachable', reason: 'EACCES, local or icmpv6 1/1' };
      return { outcome: 'unreachable', reason: 'local EACCES' };
    case 'EPERM':
    case 'EINVAL':
      return { outcome: 'unreachable', reason: `local ${errno}` };
    // A want of ports is told apart where it is seen.
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
      return { outcome: 'unreachable', reason: `local ${errno}, no address of that family to come from` };
    case 'EMFILE':
    case 'ENFILE':
    case 'ENOBUFS':
    case 'ENOMEM':
    case 'EAGAIN':
    case 'EADDRINUSE':
      return unprobed('out-of-sockets', errno);
    default:
      return unprobed('engine-failed', `the connect gave ${errno}, which says nothing about the path`);
  }
}
