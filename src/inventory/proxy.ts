import type { Member } from '../model/inventory.js';
import { type HttpProxy, proxyTo } from '../model/proxy.js';
import type { SourcePath } from '../source/node.js';
import type { Problems } from '../source/problems.js';
import type { SourceDocument } from '../source/read.js';
import { isAddress } from './address.js';

export const aProxy = 'an HTTP proxy and its port, without user or password, such as "http://proxy.example:3128"';

/** Of `http://HOST:PORT`; undefined for anything else, a URL without a port or with a login among them. */
export function toProxy(url: string): HttpProxy | undefined {
  const [, authority = '', bracketed, plain, digits] =
    /^http:\/\/((?:\[([\d:a-f.]+)\]|([^:/?#@[\]]+)):(\d{1,5}))\/?$/i.exec(url) ?? [];
  const host = bracketed ?? plain ?? '';
  const port = Number(digits);
  return isAddress(host) && port >= 1 && port <= 65_535 ? { host, port, authority } : undefined;
}

/** The proxy of a URL; undefined, and a problem added, where it is none. */
export function buildProxy(
  url: string,
  document: SourceDocument,
  path: SourcePath,
  problems: Problems,
): HttpProxy | undefined {
  const proxy = toProxy(url);
  if (proxy === undefined) {
    // A password is not repeated, wherever the message goes.
    const shown = url.replace(/^([^/]*\/\/)?.*@/, '$1***@');
    problems.add(document, path, `${path.join('.')} is "${shown}"`, `expected ${aProxy}`);
  }
  return proxy;
}

/** What goes to one address goes one way: an answer through a proxy says nothing of the direct way. */
export function refuseMixedProxies(
  members: ReadonlyMap<string, Member>,
  names: ReadonlyMap<string, SourcePath>,
  document: SourceDocument,
  problems: Problems,
): void {
  const ways = new Map<string, Member>();
  for (const member of members.values())
    for (const address of new Set([member.address, ...member.addresses.values()])) {
      const known = ways.get(address) ?? member;
      ways.set(address, known);
      if (proxyTo(known)?.authority === proxyTo(member)?.authority) continue;
      const proxied = proxyTo(member) === undefined ? known : member;
      problems.add(
        document,
        [...(names.get(proxied.name) ?? []), 'via'],
        `"${known.name}" and "${member.name}" have the address ${address}, but not the same "via"`,
        'what goes to one address goes through one proxy, or directly',
      );
      return;
    }
}
