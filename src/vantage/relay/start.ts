import { setTimeout as delay } from 'node:timers/promises';
import { VantageFailure } from '../../model/vantage.js';
import { bootstrapScript, type RemoteProgram } from '../../remote-program/bootstrap.js';
import { type OpenChannel, openChannel } from '../../remote-program/channel.js';
import type { Ready } from '../../remote-program/ready.js';
import { type RelayHost, RelayLink, type Untried } from './link.js';
import { decodeRelayMessage, type RelayMessage } from './wire.js';

/** A slow node under load has taken seconds to start an interpreter; a command that never speaks takes for ever. */
const readyMs = 20_000;

export interface StartedRelay {
  readonly link: RelayLink;
  readonly ready: Ready;
}

/**
 * Starts the first of the programs that the node can run. Gives the reason where it can run none, or was `closed` before
 * one had answered. Never rejects.
 */
export async function startRelay(
  vantage: RelayHost,
  programs: readonly RemoteProgram[],
  closed: AbortSignal,
): Promise<StartedRelay | Untried> {
  const noRelay = (detail: string): Untried => ({ kind: 'untried', cause: 'no-engine', detail });
  let opened: OpenChannel<RelayMessage>;
  try {
    opened = await openChannel(vantage, decodeRelayMessage);
  } catch (error) {
    if (!(error instanceof VantageFailure)) throw error;
    return (await loss(vantage)) ?? noRelay(`no relay runs on ${vantage.host}: ${error.message}`);
  }
  const { channel, nonce } = opened;
  const patience = new AbortController();
  const ready = new Promise<Ready>((resolve) => {
    channel.onMessage = (message) => message.type === 'ready' && resolve(message);
  });
  const tooLong = delay(readyMs, `said nothing for ${readyMs / 1000} s`, { signal: patience.signal });
  tooLong.catch(() => {});
  channel.send(bootstrapScript(nonce, programs));
  const tooLate = new Promise<string>((resolve) => {
    closed.addEventListener('abort', () => resolve('was not waited for'), { once: true });
  });
  const greeting = await Promise.race([ready, channel.ended, tooLong, tooLate]);
  patience.abort();
  if (typeof greeting === 'string') {
    channel.kill();
    return (await loss(vantage)) ?? noRelay(`no relay runs on ${vantage.host}: sh -s ${greeting}`);
  }
  if (!programs.some(({ name }) => name === greeting.engine)) {
    channel.end();
    const wanted = programs.map(({ name }) => name).join(', ');
    return noRelay(`no relay runs on ${vantage.host}: it has none of ${wanted} that works`);
  }
  return { link: new RelayLink(vantage, channel), ready: greeting };
}

/** Why the connection is no more, where that is so: it is known by now, or at once. */
async function loss(vantage: RelayHost): Promise<Untried | undefined> {
  const failure = await Promise.race([vantage.lost, delay(200, undefined)]);
  return failure && { kind: 'untried', cause: 'connection-lost', detail: failure.message };
}
