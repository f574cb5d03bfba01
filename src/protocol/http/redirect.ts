import type { DialogueContext } from '../../model/dialogue.js';
import type { Head } from './head.js';
import { authorityOf } from './request.js';

/** Where an answer sends its client. `here`: to another path of the same port; `elsewhere`: in words. */
export type Redirect =
  | { readonly kind: 'here'; readonly path: string }
  | { readonly kind: 'elsewhere'; readonly where: string };

type Place = Pick<DialogueContext, 'target' | 'address' | 'port'>;

/** Where requests go: what a redirect is relative to. */
export interface Origin extends Place {
  readonly scheme: 'http' | 'https';
  /** The value of the Host header. */
  readonly host: string;
}

// RFC 9110, 15.4: the statuses that name another place, and want it to be asked.
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Undefined where the answer is no redirect. */
export function redirectOf(origin: Origin, path: string, head: Head): Redirect | undefined {
  const location = head.headers.get('location');
  if (!redirects.has(head.status) || location === undefined) return undefined;
  const base = `${origin.scheme}://${origin.host}${path}`;
  if (!URL.canParse(location, base)) return { kind: 'elsewhere', where: 'what is no URL' };
  const url = new URL(location, base);
  return isHere(origin, url)
    ? { kind: 'here', path: `${url.pathname}${url.search}` }
    : { kind: 'elsewhere', where: `${url.protocol}//${url.host}${shownPath(url.pathname)}` };
}

/** A path without what differs from one answer to the next: parameters (a session's id) and the query. */
export function shownPath(path: string): string {
  return path.split(/[;?]/, 1)[0]!;
}

/** `host`: the Host header, where it is set. */
export function originOf(scheme: Origin['scheme'], host: string | undefined, { target, address, port }: Place): Origin {
  return { scheme, target, address, port, host: host ?? authorityOf(target, port, defaultPorts[scheme]) };
}

const defaultPorts = { http: 80, https: 443 };

function isHere({ scheme, target, address, port, host }: Origin, url: URL): boolean {
  const names = [host, authorityOf(target, port), authorityOf(address, port)].map((each) => `${scheme}://${each}`);
  return names.some((each) => URL.canParse(each) && new URL(each).origin === url.origin);
}
