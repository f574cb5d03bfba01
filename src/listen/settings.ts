import type { PortSettings } from '../model/listening.js';
import { noPorts, type PortSet, parsePorts } from '../model/port-set.js';
import { wholeNumber } from '../remote-program/answer-code.js';
import { unescapeWord } from '../remote-program/ready.js';

/** Reads the fields of `s UID USER UNPRIVILEGED RANGE RESERVED`; undefined where the user is not told. */
export function decodeSettings(fields: readonly string[]): Omit<PortSettings, 'clockSkew'> | undefined {
  const [uidText, user, start, range, reserved] = fields;
  const uid = wholeNumber(uidText);
  if (uid === undefined || user === undefined) return undefined;
  return {
    uid,
    user: unescapeWord(user) || undefined,
    unprivilegedPortStart: wholeNumber(start),
    ephemeralPorts: rangeOf(range),
    reservedPorts: reserved === '-' ? noPorts : parsePorts(reserved ?? ''),
  };
}

/** Two numbers, as the kernel prints a range. */
function rangeOf(text = ''): PortSet | undefined {
  const [first, last, ...more] = text.split(',');
  return more.length > 0 ? undefined : parsePorts(`${first}-${last}`);
}
