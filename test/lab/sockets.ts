import type { Machine } from './machine.js';

export interface LabSocket {
  readonly state: 'listening' | 'connected' | 'time-wait' | 'other';
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
}

/** The TCP sockets of a machine, IPv4 and IPv6, read from its kernel. */
export async function sockets(machine: Machine): Promise<readonly LabSocket[]> {
  const tables = await machine.run('cat', ['/proc/net/tcp', '/proc/net/tcp6']);
  return tables
    .split('\n')
    .filter((line) => /^\s*\d+:/.test(line))
    .map((line) => {
      const [, local = '', remote = '', state = ''] = line.trim().split(/\s+/);
      const [localAddress, localPort] = endpoint(local);
      const [remoteAddress, remotePort] = endpoint(remote);
      return { state: states[state] ?? 'other', localAddress, localPort, remoteAddress, remotePort };
    });
}

/** Ports that something listens on, with their addresses: `0.0.0.0:22`, `[::]:22`. */
export async function listeningSockets(machine: Machine): Promise<readonly string[]> {
  return (await sockets(machine))
    .filter(({ state }) => state === 'listening')
    .map(({ localAddress, localPort }) => `${localAddress}:${localPort}`);
}

const states: Readonly<Record<string, LabSocket['state']>> = {
  '01': 'connected',
  '06': 'time-wait',
  '0A': 'listening',
};

/** `0100007F:0016` of a little-endian machine is 127.0.0.1:22; an IPv6 address is four such words, and stands in brackets. */
function endpoint(text: string): [string, number] {
  const [digits = '', port = ''] = text.split(':');
  const bytes = Buffer.from(digits, 'hex').swap32();
  const address =
    bytes.length === 4 ? bytes.join('.') : new URL(`http://[${bytes.toString('hex').match(/.{4}/g)!.join(':')}]`).host;
  return [address, Number.parseInt(port, 16)];
}
