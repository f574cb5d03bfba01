import type { Machine } from './machine.js';

export interface LabSocket {
  readonly state: 'listening' | 'connected' | 'other';
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
}

/** The IPv4 TCP sockets of a machine, read from its kernel. */
export async function sockets(machine: Machine): Promise<readonly LabSocket[]> {
  const table = await machine.run('cat', ['/proc/net/tcp']);
  return table
    .split('\n')
    .slice(1)
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, local = '', remote = '', state = ''] = line.trim().split(/\s+/);
      const [localAddress, localPort] = endpoint(local);
      const [remoteAddress, remotePort] = endpoint(remote);
      return { state: states[state] ?? 'other', localAddress, localPort, remoteAddress, remotePort };
    });
}

/** Ports that something listens on, with their addresses: `0.0.0.0:22`. */
export async function listeningSockets(machine: Machine): Promise<readonly string[]> {
  return (await sockets(machine))
    .filter(({ state }) => state === 'listening')
    .map(({ localAddress, localPort }) => `${localAddress}:${localPort}`);
}

const states: Readonly<Record<string, LabSocket['state']>> = { '01': 'connected', '0A': 'listening' };

/** `0100007F:0016` of a little-endian machine is 127.0.0.1:22. */
function endpoint(text: string): [string, number] {
  const [address = '', port = ''] = text.split(':');
  const bytes = Buffer.from(address, 'hex').reverse();
  return [[...bytes].join('.'), Number.parseInt(port, 16)];
}
