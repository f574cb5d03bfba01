import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Started } from './listeners.js';

const listener = fileURLToPath(new URL('./deaf-listener.js', import.meta.url));
// Stops the listener when told to. A stopped process could not end itself: this ends it when our end of the input closes,
// however we ended; Ctrl-C at a terminal reaches it, too.
const guardian =
  'trap "" INT HUP TERM; "$@" & child=$!; read -r _ && kill -STOP "$child" && echo stopped; read -r _; kill -KILL "$child"';
// Linux takes two connections into a queue of one; other kernels round up.
const mostFillers = 16;
// Loopback answers in well under a millisecond.
const silentAfterMs = 250;

/**
 * A port that answers nothing, as one behind a firewall that drops, without the right to change a firewall: a listener
 * that is stopped and whose queue is full. The kernel then drops further SYNs. Undefined where it does not.
 */
export async function startSilence(address: string, port: number): Promise<Started | undefined> {
  const child = spawn('/bin/sh', ['-c', guardian, 'sh', process.execPath, listener, address, `${port}`], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = once(child, 'exit');
  child.stdin.on('error', () => {});
  const fillers: Socket[] = [];
  const stop = async () => {
    for (const socket of fillers) socket.destroy();
    child.stdin.end();
    await ended;
  };
  try {
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const listening = (await lines.next()).value === 'listening';
    if (listening) child.stdin.write('stop\n');
    if (listening && (await lines.next()).value === 'stopped' && (await fill(address, port, fillers))) return { stop };
  } catch {
    // A connect that failed. The caller says that this machine does not let silence happen.
  }
  await stop();
  return undefined;
}

/** Connects until a connect is left without an answer. */
async function fill(address: string, port: number, fillers: Socket[]): Promise<boolean> {
  while (fillers.length < mostFillers) {
    const socket = connect({ host: address, port });
    fillers.push(socket);
    if (!(await answers(socket))) {
      // Left open it would take the place that a filler gives up.
      socket.destroy();
      return true;
    }
  }
  return false;
}

async function answers(socket: Socket): Promise<boolean> {
  const timer = setTimeout(() => socket.emit('timeout'), silentAfterMs);
  try {
    return await Promise.race([
      once(socket, 'connect').then(() => true),
      new Promise<boolean>((resolve) => socket.once('timeout', () => resolve(false))),
    ]);
  } finally {
    clearTimeout(timer);
  }
}
