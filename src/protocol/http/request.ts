import { isIPv6 } from 'node:net';

/** A request as it goes out. */
export interface Request {
  readonly method: string;
  /** What stands behind the method: a path, or `host:port` after CONNECT. */
  readonly target: string;
  /** The value of the Host header. */
  readonly host: string;
  readonly headers: ReadonlyMap<string, string>;
  /** Whether another request is to follow on the same connection. */
  readonly keepOpen?: boolean;
  /** Parts of the headers' values that nobody may see. */
  readonly secrets?: readonly string[];
}

/** Host and port as they stand in a Host header and after CONNECT: `db1:8080`, `[2001:db8::1]:8080`. */
export function authorityOf(host: string, port: number, defaultPort?: number): string {
  // A zone means something on this machine only (RFC 6874, 4).
  const literal = host.replace(/%.*$/, '');
  const name = isIPv6(literal) ? `[${literal}]` : host;
  return port === defaultPort ? name : `${name}:${port}`;
}

/** The bytes of a request. No body is ever sent. */
export function writeRequest({ method, target, host, headers, keepOpen = false }: Request): Buffer {
  const lines = [`${method} ${target} HTTP/1.1`, `Host: ${host}`, `Connection: ${keepOpen ? 'keep-alive' : 'close'}`];
  const own = new Map([
    ['User-Agent', 'portolan'],
    ['Accept', '*/*'],
  ]);
  for (const name of headers.keys()) {
    for (const each of own.keys()) if (each.toLowerCase() === name.toLowerCase()) own.delete(each);
  }
  if (method === 'POST') own.set('Content-Length', '0');
  for (const [name, value] of [...own, ...headers]) lines.push(`${name}: ${value}`);
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'utf8');
}
