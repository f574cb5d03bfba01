import { setTimeout as delay } from 'node:timers/promises';
import { hasPort, type PortSet } from '#src/model/port-set.js';
import type { LabHost } from './host.js';
import { type LabSocket, sockets } from './sockets.js';

const withinMs = 10_000;
const lookMs = 100;

/** What of Portolan's is still on a host after ten seconds, in words; `documented`: the ports of the plan. */
export async function leftovers(
  host: LabHost,
  documented: PortSet,
  { sessions }: { readonly sessions: boolean },
): Promise<readonly string[]> {
  const end = performance.now() + withinMs;
  for (;;) {
    const late = performance.now() > end;
    const left = await look(host, documented, sessions);
    if (left.length === 0 || late) return left.map((it) => `left on ${host.name}: ${it}`);
    await delay(lookMs);
  }
}

async function look(host: LabHost, documented: PortSet, sessions: boolean): Promise<readonly string[]> {
  const processes = host
    .processes({ sessions })
    .filter(({ command }) => sessions || !isUntold(command))
    .map(({ command, pid }) => `${pid} ${command.slice(0, 80)}`);
  const open = (await sockets(host.machine)).filter((socket) => isOurs(socket, documented));
  return [...processes, ...open.map(socketText)];
}

/** A session's shell that waits for its program, which a peer that has vanished no longer sends. */
function isUntold(command: string): boolean {
  return /(?:^|[ /])sh -s$/.test(command);
}

/**
 * Any listener but sshd; anything at all on a documented port, TIME_WAIT included, which would be in the product's way; and a
 * connection to one. In TIME_WAIT the side that connected may be: its port is nobody's.
 */
function isOurs({ localPort, remotePort, state }: LabSocket, documented: PortSet): boolean {
  if (state === 'listening') return localPort !== 22;
  return hasPort(documented, localPort) || (state !== 'time-wait' && hasPort(documented, remotePort));
}

function socketText({ localAddress, localPort, remoteAddress, remotePort, state }: LabSocket): string {
  return `${state} ${localAddress}:${localPort} ${remoteAddress}:${remotePort}`;
}
