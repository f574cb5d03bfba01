/** An HTTP proxy that opens connections for others (CONNECT, RFC 9110, 9.3.6). */
export interface HttpProxy {
  /** A literal, without brackets, or a name that each source resolves. */
  readonly host: string;
  readonly port: number;
  /** What it is called: `proxy.example:3128`, `[fd00::9]:3128`. */
  readonly authority: string;
}

/** The proxy that everything towards a member goes through; undefined for the direct way. */
export function proxyTo({
  via,
}: {
  readonly kind: 'host' | 'endpoint';
  readonly via?: HttpProxy;
}): HttpProxy | undefined {
  return via;
}
