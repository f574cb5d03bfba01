import { readText } from './packet.js';

/** Capability flags of the protocol that matter here. */
export const capabilities = {
  longPassword: 0x1,
  protocol41: 0x200,
  secureConnection: 0x8000,
  pluginAuth: 0x80000,
} as const;

export interface Greeting {
  readonly kind: 'greeting';
  readonly version: string;
  readonly connectionId: number;
  readonly capabilities: number;
  /** Undefined before MySQL 5.5.7, which knew no other than its own. */
  readonly authPlugin: string | undefined;
}

export interface ServerError {
  readonly kind: 'error';
  readonly code: number;
  readonly message: string;
}

const protocol10 = 0x0a;
const errorMarker = 0xff;
// Greetings take about 100 bytes and an error's message at most 512: a longer first packet is another protocol.
const longestFirstPacket = 4096;

/** Whether a stream that starts like this may still become MySQL's first packet. */
export function mayBeMysql(bytes: Buffer): boolean {
  if (bytes.length >= 3 && (bytes.readUIntLE(0, 3) > longestFirstPacket || bytes.readUIntLE(0, 3) < 4)) return false;
  if (bytes.length >= 4 && bytes[3] !== 0) return false;
  return bytes.length < 5 || bytes[4] === protocol10 || bytes[4] === errorMarker;
}

/** What the server says first; undefined where it makes no sense. */
export function parseFirstPacket(payload: Buffer): Greeting | ServerError | undefined {
  return parseError(payload) ?? parseGreeting(payload);
}

/** An ERR packet; before the login it has no SQL state. */
export function parseError(payload: Buffer): ServerError | undefined {
  if (payload[0] !== errorMarker || payload.length < 3) return undefined;
  const message = payload.toString('utf8', 3).replace(/^#.{5}/s, '');
  return { kind: 'error', code: payload.readUInt16LE(1), message };
}

function parseGreeting(payload: Buffer): Greeting | undefined {
  if (payload[0] !== protocol10) return undefined;
  const { text: version, next } = readText(payload, 1);
  // Connection id, 8 bytes of scramble and a filler, then the lower capabilities: servers before 4.1 end there.
  if (!/^[\x20-\x7e]+$/.test(version) || payload.length < next + 15) return undefined;
  const connectionId = payload.readUInt32LE(next);
  const lower = payload.readUInt16LE(next + 13);
  const upper = payload.length >= next + 20 ? payload.readUInt16LE(next + 18) : 0;
  const flags = (lower | (upper << 16)) >>> 0;
  return { kind: 'greeting', version, connectionId, capabilities: flags, authPlugin: readPlugin(payload, next, flags) };
}

function readPlugin(payload: Buffer, afterVersion: number, flags: number): string | undefined {
  if ((flags & capabilities.pluginAuth) === 0) return undefined;
  // The second part of the scramble takes at least 13 bytes, whatever its announced length says.
  const scrambleLength = payload[afterVersion + 20] ?? 0;
  const { text } = readText(payload, afterVersion + 31 + Math.max(13, scrambleLength - 8));
  return text === '' ? undefined : text;
}

/** The product and its own version, as far as the greeting tells: `MariaDB 10.11.6`. */
export function productOf(version: string): string {
  // MariaDB before 11 says 5.5.5- first, for replicas that would not take a version above 9.
  const mariadb = /^(?:5\.5\.5-)?(\d+(?:\.\d+)+)-.*MariaDB/i.exec(version);
  if (mariadb !== null) return `MariaDB ${mariadb[1]}`;
  const oceanbase = /OceanBase(?:_CE)?[- ]v?(\d+(?:\.\d+)+)/i.exec(version);
  if (oceanbase !== null) return `OceanBase ${oceanbase[1]}`;
  if (/OceanBase/i.test(version)) return `OceanBase (${version})`;
  const tidb = /TiDB-v?(\d+(?:\.\d+)+)/i.exec(version);
  if (tidb !== null) return `TiDB ${tidb[1]}`;
  // OBProxy's parameter mysql_version, which it greets with even where no cluster stands behind it.
  if (version === '5.6.25') return 'OBProxy (or MySQL 5.6.25)';
  return `MySQL ${version}`;
}
