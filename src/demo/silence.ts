import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { packagedPath } from '../packaged.js';
import type { Started } from './listeners.js';

const listener = 'dist/demo/deaf-listener.js';
// Stops the listener when told to, and says so on stderr: stdout is the listener's alone, and its end is the listener's end.
// A stopped process could not end itself: this ends it when our end of the input closes, however we ended; Ctrl-C at a
// terminal reaches this shell, too.
const guardian = [
  'trap "" INT HUP TERM',
  '"$@" & child=$!',
  'exec >&-',
  'read -r _ && kill -STOP "$child" && echo stopped >&2',
  'read -r _',
  'kill -KILL "$child"',
].join('\n');
// Linux takes two connections into a queue of one; other kernels round up.
const mostFillers = 16;
// Loopback answers in well under a millisecond.
const silentAfterMs = 250;

/**
 * A port that answers nothing, as one behind a firewall that drops, without the right to change a firewall: a listener
 * that is stopped and whose queue is full. The kernel then drops further SYNs. Undefined where it does not.
 */
export async function startSilence(address: string, port: number): Promise<Started | undefined> {
  const child = spawn('/bin/sh', ['-c', guardian, 'sh', process.execPath, packagedPath(listener), address, `${port}`], {
    stdio: 'pipe',
  });
  const ended = once(child, 'exit');
  child.stdin.on('error', () => {});
  const fillers: Socket[] = [];
  const stop = async () => {
    for (const socket of fillers) socket.destroy();
    child.stdin.end();
    await ended;
  };
  if (!(await heard(child.stdout, 'listening'))) {
    await stop();
    throw new Error(`no listener on ${address}:${port} could be started`);
  }
  child.stdin.write('stop\n');
  await heard(child.stderr, 'stopped');
  if (await fill(address, port, fillers)) return { stop };
  await stop();
  return undefined;
}

/** Whether that line comes before the end. */
async function heard(stream: Readable, expected: string): Promise<boolean> {
  for await (const line of createInterface({ input: stream })) if (line === expected) return true;
  return false;
}

/** Connects until a connect is left without an answer. */
async function fill(address: string, port: number, fillers: Socket[]): Promise<boolean> {
  while (fillers.length < mostFillers) {
    const socket = connect({ host: address, port });
    socket.on('error', () => {});
    fillers.push(socket);
    if (!(await answers(socket))) {
      // Left open it would take the place that a filler gives up.
      socket.destroy();
      return true;
    }
  }
  return false;
}

/** A refusal is an answer, too. */
async function answers(socket: Socket): Promise<boolean> {
  const timer = setTimeout(() => socket.emit('timeout'), silentAfterMs);
  try {
    return await Promise.race([
      once(socket, 'connect').then(
        () => true,
        () => true,
      ),
      new Promise<boolean>((resolve) => socket.once('timeout', () => resolve(false))),
    ]);
  } finally {
    clearTimeout(timer);
  }
}
