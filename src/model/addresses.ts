import ipaddr from 'ipaddr.js';

const mostKnown = 20_000;
const canonical = new Map<string, string>();

/**
 * One text for one address, RFC 5952's; `::ffff:10.0.0.1` is `10.0.0.1`. What is no address is returned as it came.
 */
export function canonicalAddress(text: string): string {
  let known = canonical.get(text);
  if (known === undefined) {
    // A mesh asks a million times about a thousand addresses, and parsing one takes microseconds.
    if (canonical.size >= mostKnown) canonical.clear();
    known = canonicalText(text);
    canonical.set(text, known);
  }
  return known;
}

function canonicalText(text: string): string {
  // Scope ids (`fe80::1%eth0`) are the interface's business, and not part of the comparison.
  const bare = text.replace(/%.*$/, '');
  return ipaddr.isValid(bare) ? ipaddr.process(bare).toString() : text;
}

export function isIPv4(address: string): boolean {
  return ipaddr.IPv4.isValid(address);
}

export function isLoopback(address: string): boolean {
  const text = canonicalAddress(address);
  return text.startsWith('127.') ? isIPv4(text) : text === '::1';
}

/** Whether two texts are one address. */
export function sameAddress(one: string, other: string): boolean {
  return canonicalAddress(one) === canonicalAddress(other);
}

const canonicalSets = new WeakMap<readonly string[], ReadonlySet<string>>();

/** Whether one of a node's own addresses is meant; undefined where the node did not tell its addresses. */
export function isOwnAddress(address: string, own: readonly string[] | undefined): boolean | undefined {
  const wanted = canonicalAddress(address);
  if (isLoopback(wanted)) return true;
  if (own === undefined) return undefined;
  let known = canonicalSets.get(own);
  if (known === undefined) {
    known = new Set(own.map(canonicalAddress));
    canonicalSets.set(own, known);
  }
  return known.has(wanted);
}
