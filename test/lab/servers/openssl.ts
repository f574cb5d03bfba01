import type { Certificate } from '../certificates.js';
import { launch, type Server, type ServerOptions, serverUnavailable } from './server.js';

export interface OpensslServerOptions extends ServerOptions {
  readonly identity: Certificate;
  /** The certificates between the server's own and the root. */
  readonly chain?: readonly Certificate[];
  /** More of `openssl s_server`'s options. */
  readonly options?: readonly string[];
}

export function opensslUnavailable(): string | undefined {
  return serverUnavailable('openssl');
}

/** OpenSSL's own server: bare TLS, which sends back every line reversed. */
export async function startOpenssl({
  identity,
  chain = [],
  options = [],
  ...where
}: OpensslServerOptions): Promise<Server> {
  return launch(
    {
      name: 'openssl',
      command: ({ address, port, write }) => {
        const between = chain.map((each) => each.certificate).join('');
        const files = ['-cert', identity.certificateFile, '-key', identity.keyFile];
        const above = between === '' ? [] : ['-cert_chain', write('chain.pem', between)];
        return ['openssl', 's_server', '-rev', '-accept', `${address}:${port}`, ...files, ...above, ...options];
      },
    },
    where,
  );
}
