import { parseError, type ServerError } from './greeting.js';
import { readText } from './packet.js';

/** What the server answers to a login. */
export type Reply =
  | ServerError
  | { readonly kind: 'ok' }
  | { readonly kind: 'switch'; readonly plugin: string }
  | { readonly kind: 'more'; readonly data: Buffer };

/** The plugin of a switch request without a name, from the days before MySQL 4.1. */
const oldPassword = 'mysql_old_password';

/** Undefined where the packet makes no sense at this point. */
export function parseReply(payload: Buffer): Reply | undefined {
  switch (payload[0]) {
    case 0x00:
      return { kind: 'ok' };
    case 0x01:
      return { kind: 'more', data: payload.subarray(1) };
    case 0xfe:
      return { kind: 'switch', plugin: payload.length === 1 ? oldPassword : readText(payload, 1).text };
    default:
      return parseError(payload);
  }
}
