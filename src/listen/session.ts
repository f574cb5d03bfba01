import {
  ListenerFailure,
  type ListenerSession,
  type ListenItem,
  type PortSettings,
  type Prepared,
} from '../model/listening.js';
import { formatPorts } from '../model/port-set.js';
import { abortable } from '../remote-program/abortable.js';
import type { RemoteProgram } from '../remote-program/bootstrap.js';
import type { ListenerHost, ListenerLink } from './link.js';
import { listenerPrograms } from './programs.js';
import { startListeners } from './start.js';
import type { ListenerMessage } from './wire.js';

/** The words of a run, and by whom its listeners are run. */
export interface ListenerTerms {
  /** What a question to one of our listeners has to carry: 16 hexadecimal digits. */
  readonly run: string;
  /** What a listener answers, a word of its own: 16 hexadecimal digits. */
  readonly answer: string;
  /** Whether the shell is started by `sudo -n`. */
  readonly sudo: boolean;
  /** Seconds after which the program ends by itself, whatever becomes of its controller. */
  readonly limitSeconds: number;
}

/**
 * Starts the listener program on a node; it listens nowhere yet. Rejects with a {@link ListenerFailure} that says why it
 * cannot, what sudo said included; when aborted, with the signal's reason. `programs`: in the order of preference.
 */
export async function openListeners(
  vantage: ListenerHost,
  { run, answer, sudo, limitSeconds }: ListenerTerms,
  signal: AbortSignal,
  programs: readonly RemoteProgram[] = listenerPrograms,
): Promise<ListenerSession> {
  const { link, interpreter } = await startListeners(vantage, sudo ? 'sudo -n sh -s' : 'sh -s', programs, signal);
  try {
    const said = await abortable(link.ask(`s ${run} ${answer} ${limitSeconds}\n`, 'settings'), signal);
    const clockSkew = await abortable(askClock(link), signal);
    return session(vantage.host, link, interpreter, { ...last(said, 'settings').settings, clockSkew });
  } catch (error) {
    void link.close();
    throw error;
  }
}

function session(host: string, link: ListenerLink, interpreter: string, settings: PortSettings): ListenerSession {
  return {
    interpreter,
    settings,
    async prepare(items, signal) {
      return prepared(host, await abortable(link.ask(`${items.map(itemLine).join('')}g\n`, 'prepared'), signal));
    },
    async finish() {
      try {
        const heard = await link.ask('f\n', 'finished');
        const accepts = all(heard, 'accept').map(({ accept }) => accept);
        const missing = last(heard, 'finished').accepts - accepts.length;
        return { accepts, error: missing === 0 ? undefined : garbled(host, 'what its listeners accepted') };
      } catch (error) {
        if (!(error instanceof ListenerFailure)) throw error;
        return { accepts: [], error: error.message };
      }
    },
    close: () => link.close(),
  };
}

function itemLine({ id, address, ports, listen }: ListenItem): string {
  return ports.length === 0 ? '' : `i ${id} ${address ?? '-'} ${formatPorts(ports)} ${listen ? 'l' : 'b'}\n`;
}

function prepared(host: string, heard: readonly ListenerMessage[]): Prepared {
  const binds = all(heard, 'bind').map(({ result }) => result);
  const holders = all(heard, 'holder').map(({ holder }) => holder);
  const told = last(heard, 'prepared');
  if (told.binds !== binds.length || told.holders !== holders.length)
    throw new ListenerFailure(garbled(host, 'which ports it could bind'));
  return { binds, holders };
}

function garbled(host: string, what: string): string {
  return `${host} told ${what}, but some of its lines did not arrive as they were sent`;
}

/** The node's clock against ours: it was read at some time of the round trip, halfway if both ways are alike. */
async function askClock(link: ListenerLink): Promise<PortSettings['clockSkew']> {
  const [sent, began] = [Date.now(), performance.now()];
  const { ms, precisionMs } = last(await link.ask('t\n', 'clock'), 'clock');
  const half = (performance.now() - began) / 2;
  return { ms: Math.round(ms - sent - half), uncertaintyMs: Math.ceil(half + precisionMs) };
}

type Of<Type extends ListenerMessage['type']> = Extract<ListenerMessage, { type: Type }>;

function all<Type extends ListenerMessage['type']>(
  messages: readonly ListenerMessage[],
  type: Type,
): readonly Of<Type>[] {
  return messages.filter((message): message is Of<Type> => message.type === type);
}

function last<Type extends ListenerMessage['type']>(messages: readonly ListenerMessage[], type: Type): Of<Type> {
  return all(messages, type).at(-1)!;
}
