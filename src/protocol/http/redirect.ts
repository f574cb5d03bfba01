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
    : { kind: 'elsewhere', where: describePlace(origin, url) };
}

/** The same for every host that redirects to another port of its own, for answers with the same text are grouped. */
function describePlace(origin: Origin, url: URL): string {
  const scheme = url.protocol.slice(0, -1);
  if (scheme !== 'http' && scheme !== 'https') return 'what is not HTTP';
  const itself = namesOf(origin).some(({ hostname }) => hostname === url.hostname);
  if (itself) return `${scheme} on port ${url.port || defaultPorts[scheme]} of the same host`;
  return `${url.origin}${shownPath(url.pathname)}`;
}

/** A path without what differs from one answer to the next: parameters (a session's id) and the query. */
export function shownPath(path: string): string {
  const constant = path.split(/[;?]/, 1)[0]!;
  return constant.length > longestPath ? `${constant.slice(0, longestPath)}…` : constant;
}

const longestPath = 80;

/** `host`: the Host header, where it is set. */
export function originOf(scheme: Origin['scheme'], host: string | undefined, { target, address, port }: Place): Origin {
  return { scheme, target, address, port, host: host ?? authorityOf(target, port, defaultPorts[scheme]) };
}

const defaultPorts = { http: 80, https: 443 };

function isHere(origin: Origin, url: URL): boolean {
  return namesOf(origin).some((each) => each.origin === url.origin);
}

/** All that the place is called. */
function namesOf({ scheme, target, address, port, host }: Origin): readonly URL[] {
  const urls = [host, authorityOf(target, port), authorityOf(address, port)].map((each) => `${scheme}://${each}`);
  return urls.filter((each) => URL.canParse(each)).map((each) => new URL(each));
}
