import { isIP } from 'node:net';

export const anAddress = 'an IP address or a host name';

/** True for a literal address that can be connected to, and for a host name (RFC 1123; `_` occurs and works). */
export function isAddress(text: string): boolean {
  if (isIP(text) !== 0) return !/^(?:0\.0\.0\.0|[0:]+)$/.test(text);
  if (text.length > 253) return false;
  const labels = text.replace(/\.$/, '').split('.');
  // A last label of digits is a mistyped address: 10.10.0.256, 10.10.0
  if (/^\d+$/.test(labels.at(-1)!)) return false;
  return labels.every((label) => /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/.test(label));
}
