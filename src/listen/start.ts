import { setTimeout as delay } from 'node:timers/promises';
import { ListenerFailure } from '../model/listening.js';
import { VantageFailure } from '../model/vantage.js';
import { abortable } from '../remote-program/abortable.js';
import { bootstrapScript, type RemoteProgram } from '../remote-program/bootstrap.js';
import { type OpenChannel, openChannel } from '../remote-program/channel.js';
import type { Ready } from '../remote-program/ready.js';
import { type ListenerHost, ListenerLink } from './link.js';
import { decodeListenerMessage, type ListenerMessage } from './wire.js';

/** A slow node under load has taken seconds to start an interpreter; a command that never speaks takes for ever. */
const readyMs = 20_000;

export interface StartedListeners {
  readonly link: ListenerLink;
  readonly interpreter: string;
}

/**
 * Starts the first of the programs that the node can run, in the shell that `command` starts. Rejects with a
 * {@link ListenerFailure}, or with the signal's reason.
 */
export async function startListeners(
  host: ListenerHost,
  command: string,
  programs: readonly RemoteProgram[],
  signal: AbortSignal,
): Promise<StartedListeners> {
  signal.throwIfAborted();
  const { channel, nonce } = await open(host, command, signal);
  const patience = new AbortController();
  const ready = new Promise<Ready>((resolve) => {
    channel.onMessage = (message) => message.type === 'ready' && resolve(message);
  });
  const tooLong = delay(readyMs, `said nothing for ${readyMs / 1000} s`, { signal: patience.signal });
  tooLong.catch(() => {});
  const aborted = new Promise<undefined>((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true, signal: patience.signal });
  });
  channel.send(bootstrapScript(nonce, programs));
  const greeting = await Promise.race([ready, channel.ended, tooLong, aborted]);
  patience.abort();
  if (greeting === undefined || typeof greeting === 'string') channel.kill();
  signal.throwIfAborted();
  if (greeting === undefined || typeof greeting === 'string')
    throw new ListenerFailure((await loss(host)) ?? `no listener runs on ${host.host}: ${command} ${greeting}`);
  if (!programs.some(({ name }) => name === greeting.engine)) {
    channel.end();
    const wanted = programs.map(({ name }) => name).join(', ');
    throw new ListenerFailure(`no listener runs on ${host.host}: it has none of ${wanted} that works`);
  }
  return { link: new ListenerLink(host, channel), interpreter: greeting.interpreter };
}

async function open(host: ListenerHost, command: string, signal: AbortSignal): Promise<OpenChannel<ListenerMessage>> {
  const opening = openChannel(host, decodeListenerMessage, command);
  try {
    return await abortable(opening, signal);
  } catch (error) {
    // What is opened all the same is opened for nobody.
    if (signal.aborted)
      opening.then(
        ({ channel }) => channel.kill(),
        () => {},
      );
    signal.throwIfAborted();
    if (!(error instanceof VantageFailure)) throw error;
    throw new ListenerFailure((await loss(host)) ?? `no listener runs on ${host.host}: ${error.message}`);
  }
}

/** Why the connection is no more, where that is so: it is known by now, or at once. */
async function loss({ lost }: ListenerHost): Promise<string | undefined> {
  return (await Promise.race([lost, delay(200, undefined)]))?.message;
}
