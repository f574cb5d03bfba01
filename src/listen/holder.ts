import { isIPv6 } from 'node:net';
import type { PortHolder } from '../model/listening.js';
import { wholeNumber } from '../remote-program/answer-code.js';
import { kernelAddress } from '../remote-program/kernel-address.js';
import { unescapeWord } from '../remote-program/ready.js';

interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** Reads the fields of `o ORDER LOCAL REMOTE KIND UID USER PID PROCESS COMMAND UNIT NAMESPACE`. */
export function decodeHolder(fields: readonly string[]): PortHolder | undefined {
  const [order, localText = '', remoteText = '', kind, uidText, user, pid, process, command, unit, namespace] = fields;
  const local = endpoint(localText, order === 'little');
  const remote = endpoint(remoteText, order === 'little');
  const uid = wholeNumber(uidText);
  if (local === undefined || remote === undefined || uid === undefined || namespace === undefined) return undefined;
  if (kind !== 'listener' && kind !== 'client') return undefined;
  return {
    ...local,
    kind,
    peer: kind === 'client' ? endpointText(remote) : undefined,
    uid,
    user: wordOf(user),
    pid: wholeNumber(pid),
    process: wordOf(process),
    command: wordOf(command),
    unit: wordOf(unit),
    otherNamespace: namespace === 'other',
  };
}

/** `0100007F:0016` of a little-endian machine is 127.0.0.1:22. */
function endpoint(text: string, littleEndian: boolean): Endpoint | undefined {
  const [, hex, port] = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/.exec(text) ?? [];
  if (hex === undefined || port === undefined) return undefined;
  const address = kernelAddress(hex, littleEndian);
  return address === undefined ? undefined : { address, port: Number.parseInt(port, 16) };
}

function endpointText({ address, port }: Endpoint): string {
  return isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
}

function wordOf(text: string | undefined): string | undefined {
  return text === undefined ? undefined : unescapeWord(text) || undefined;
}
