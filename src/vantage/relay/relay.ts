import type { Answer } from '../../model/observation.js';
import { DialFailure, type DialledStream, type Vantage } from '../../model/vantage.js';
import { abortable } from '../../remote-program/abortable.js';
import type { RemoteProgram } from '../../remote-program/bootstrap.js';
import { unsent, wholeSeconds } from '../dial-failures.js';
import { addressAndPort, printable } from '../sentences.js';
import { Slots } from '../slots.js';
import { errnoOf, isShortage, isTimeout } from '../strerror.js';
import type { RelayHost, RelayLink, StreamMessage } from './link.js';
import { relayPrograms } from './programs.js';
import { type StartedRelay, startRelay } from './start.js';
import { RelayStream } from './stream.js';

/** Streams of one node at once: each holds a descriptor there, and three processes where the relay is in bash. */
const maximumStreams = 64;

/** Dials from a node where only a program that `exec` runs there can: one exec carries all streams. */
export interface Relay {
  /** See `Vantage.dial`. The first call starts the relay; where it cannot run, every dial is `untried` and says why. */
  readonly dial: Vantage['dial'];
  /** What runs it, `/usr/bin/python3 3.11.2`; undefined where it does not run, or not yet. */
  readonly interpreter: string | undefined;
  /** Ends the relay and its streams. Never rejects. */
  close(): Promise<void>;
}

/** A relay for one vantage. Nothing runs on the node before the first dial. `programs`: in the order of preference. */
export function createRelay(vantage: RelayHost, programs: readonly RemoteProgram[] = relayPrograms): Relay {
  const slots = new Slots(maximumStreams);
  const closing = new AbortController();
  let interpreter: string | undefined;
  let starting: Promise<StartedRelay | Extract<Answer, { kind: 'untried' }>> | undefined;

  const linkFor = async (target: string, signal: AbortSignal): Promise<RelayLink> => {
    starting ??= startRelay(vantage, programs, closing.signal).then((started) => {
      if ('link' in started) interpreter = started.ready.interpreter;
      return started;
    });
    const started = await abortable(starting, signal).catch((error: unknown) => {
      throw signal.aborted ? unsent(target, 'the relay was still being started') : error;
    });
    const failure = 'link' in started ? started.link.failure : started;
    if (failure !== undefined) throw new DialFailure(`dialling ${target}: ${failure.detail}`, failure);
    return (started as StartedRelay).link;
  };

  return {
    get interpreter() {
      return interpreter;
    },
    async dial(address, port, signal, onSent) {
      const target = addressAndPort(address, port);
      await slots.take(signal).catch(() => {
        throw unsent(target, `${maximumStreams} others were still open or unanswered`);
      });
      try {
        const link = await linkFor(target, signal);
        onSent?.();
        const stream = await open(link, address, port, signal);
        stream.once('close', () => slots.release());
        return stream;
      } catch (error) {
        slots.release();
        throw error;
      }
    },
    async close() {
      closing.abort();
      const started = await starting;
      if (started !== undefined && 'link' in started) await started.link.close();
    },
  };
}

function open(link: RelayLink, address: string, port: number, signal: AbortSignal): Promise<DialledStream> {
  const target = addressAndPort(address, port);
  const began = performance.now();
  return new Promise((resolve, reject) => {
    let stream: RelayStream | undefined;
    const settle = () => signal.removeEventListener('abort', onAbort);
    const fail = (answer: Answer, why: string) => {
      settle();
      link.forget(number);
      reject(new DialFailure(`dialling ${target}: ${why}`, answer));
    };
    const onMessage = (message: StreamMessage) => {
      switch (message.type) {
        case 'connected':
          settle();
          stream = new RelayStream(number, message.connectUs, (lines) => link.send(lines));
          stream.on('error', () => {});
          stream.once('close', () => link.forget(number));
          resolve(stream);
          break;
        case 'failed':
          fail(message.answer, reasonOf(message.answer));
          break;
        case 'failed-saying':
          fail(answerOfText(message.text, performance.now() - began), printable(message.text));
          break;
        case 'data':
          stream?.arrived(message.bytes);
          break;
        case 'end':
          stream?.endArrived();
          break;
        case 'taken':
          stream?.credited(message.count);
          break;
        case 'broken':
          stream?.destroy(Object.assign(new Error(`the connection to ${target} broke`), { code: message.errno }));
          break;
      }
    };
    const onLoss = (why: Extract<Answer, { kind: 'untried' }>) => {
      if (stream === undefined) fail(why, why.detail);
      else stream.destroy(new Error(why.detail));
    };
    const number = link.open(address, port, { onMessage, onLoss });
    const onAbort = () => {
      link.forget(number);
      link.send(`x ${number}\n`);
      reject(signal.reason);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}

function reasonOf(answer: Answer): string {
  if (answer.kind === 'error') return answer.errno;
  return answer.kind === 'untried' ? answer.detail : answer.kind;
}

/** What an interpreter without error numbers says of a connect. */
function answerOfText(text: string, afterMs: number): Answer {
  const errno = errnoOf(text);
  if (errno !== undefined) return { kind: 'error', errno };
  if (isTimeout(text)) return { kind: 'silence', afterMs: wholeSeconds(afterMs) };
  const said = printable(text);
  if (isShortage(text))
    return { kind: 'untried', cause: 'out-of-sockets', detail: `the node ran out of sockets (${said})` };
  return { kind: 'untried', cause: 'engine-failed', detail: `the node could not connect and says: "${said}"` };
}
