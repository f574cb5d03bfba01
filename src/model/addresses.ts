import ipaddr from 'ipaddr.js';

/**
 * One text for one address, RFC 5952's; `::ffff:10.0.0.1` is `10.0.0.1`. What is no address is returned as it came.
 */
export function canonicalAddress(text: string): string {
  // Scope ids (`fe80::1%eth0`) are the interface's business, and not part of the comparison.
  const bare = text.replace(/%.*$/, '');
  return ipaddr.isValid(bare) ? ipaddr.process(bare).toString() : text;
}

export function isIPv4(address: string): boolean {
  return ipaddr.IPv4.isValid(address);
}

export function isLoopback(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback';
}

/** Whether two texts are one address. */
export function sameAddress(one: string, other: string): boolean {
  return canonicalAddress(one) === canonicalAddress(other);
}

/** Whether one of a node's own addresses is meant; undefined where the node did not tell its addresses. */
export function isOwnAddress(address: string, own: readonly string[] | undefined): boolean | undefined {
  const wanted = canonicalAddress(address);
  if (isLoopback(wanted)) return true;
  return own?.some((candidate) => canonicalAddress(candidate) === wanted);
}
