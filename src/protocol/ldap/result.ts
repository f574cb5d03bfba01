import type { Said } from '../../model/dialogue.js';
import type { ServiceName } from '../../model/service.js';
import { identified, mismatch } from '../outcome.js';
import { quoteLine } from '../quote.js';
import type { Result } from './message.js';

export type Attributes = ReadonlyMap<string, readonly string[]>;

/** What tells who the server is; operational attributes come only to those who name them. */
export const tellingAttributes = [
  'objectClass',
  'vendorName',
  'vendorVersion',
  'namingContexts',
  'supportedCapabilities',
];

/** The server showed its root DSE. */
export function answered(service: ServiceName, entry: Attributes): Said {
  return identified(service, describe(entry));
}

/** The server ended the search without showing its root DSE. */
export function withheld(service: ServiceName, { code, message }: Result): Said {
  const [, clause, warning] = results.get(code) ?? ['', 'refuses the search'];
  const words = quoteLine(message);
  return identified(
    service,
    `an LDAP server answers, and ${clause} (${nameOf(code)})`,
    warning ?? (results.has(code) || words === '' ? undefined : `the server said: ${words}`),
  );
}

/** The server ended the session of its own accord. */
export function disconnected(service: ServiceName, { code, message }: Result): Said {
  const words = quoteLine(message);
  return identified(
    service,
    `an LDAP server answers, and ends the session (${nameOf(code)})`,
    `the server sent a Notice of Disconnection${words === '' ? '' : `: ${words}`}`,
  );
}

/** The server is one of LDAP, and does not go on in TLS. */
export function tlsRefused({ code, message }: Result): Said {
  const words = quoteLine(message);
  const why = words === '' ? '' : `: ${words}`;
  return mismatch('ldap', `an LDAP server answers, but refuses StartTLS (${nameOf(code)})${why}`);
}

function nameOf(code: number): string {
  return results.get(code)?.[0] ?? `result ${code}`;
}

/** By their codes: their names (RFC 4511, appendix A), what the server does by them, and what about it wants attention. */
const results: ReadonlyMap<number, readonly [name: string, clause: string, warning?: string]> = new Map([
  [0, ['success', 'shows no root DSE']],
  [1, ['operationsError', 'wants a login first']],
  [2, ['protocolError', 'refuses the search']],
  [8, ['strongerAuthRequired', 'wants a login first']],
  [13, ['confidentialityRequired', 'wants TLS first']],
  [32, ['noSuchObject', 'shows no root DSE']],
  [48, ['inappropriateAuthentication', 'wants a login first']],
  [50, ['insufficientAccessRights', 'wants a login first']],
  [51, ['busy', 'is busy', 'the server is too busy to answer a search']],
  [52, ['unavailable', 'is not available', 'the server is shutting down, or its database is not there']],
  [53, ['unwillingToPerform', 'refuses the search']],
]);

// Microsoft's OID for "this is an Active Directory"; Samba names it as well.
const activeDirectory = '1.2.840.113556.1.4.800';

function describe(entry: Attributes): string {
  const contexts = entry.get('namingcontexts')?.length ?? 0;
  const holding = contexts === 0 ? '' : `, with ${contexts} naming context${contexts === 1 ? '' : 's'}`;
  return `${productOf(entry)} answers${holding}`;
}

function productOf(entry: Attributes): string {
  const vendor = printable(entry.get('vendorname')?.[0]);
  const version = printable(entry.get('vendorversion')?.[0]);
  if (vendor !== undefined) return version === undefined ? vendor : `${vendor} ${version}`;
  if (entry.get('objectclass')?.includes('OpenLDAProotDSE')) return 'OpenLDAP';
  if (entry.get('supportedcapabilities')?.includes(activeDirectory)) return 'Active Directory';
  return 'an LDAP server';
}

function printable(text: string | undefined): string | undefined {
  return text !== undefined && /^[\x20-\x7e]{1,60}$/.test(text) ? text : undefined;
}
