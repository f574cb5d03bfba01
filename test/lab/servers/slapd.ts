import { launch, type Server, type ServerOptions, type ServerTls, serverUnavailable } from './server.js';

export interface SlapdOptions extends ServerOptions {
  /** StartTLS, or TLS from the first byte. */
  readonly tls?: ServerTls & { readonly implicit?: boolean };
  /** Lines of slapd.conf: `['disallow bind_anon', 'require authc']`. */
  readonly config?: readonly string[];
}

export function slapdUnavailable(): string | undefined {
  return serverUnavailable('slapd');
}

/** A real slapd with a root DSE and nothing below, which logs at its level `stats`. */
export async function startSlapd(options: SlapdOptions = {}): Promise<Server> {
  const { tls, config = [] } = options;
  return launch(
    {
      name: 'slapd',
      user: 'openldap',
      ready: /slapd starting/,
      command: ({ folder, address, port, write }) => {
        const lines = [
          'include /etc/ldap/schema/core.schema',
          `pidfile ${folder}/pid`,
          ...(tls === undefined
            ? []
            : [
                `TLSCertificateFile ${write('certificate.pem', tls.certificate)}`,
                `TLSCertificateKeyFile ${write('key.pem', tls.key)}`,
              ]),
          ...(tls?.clientAuthority === undefined
            ? []
            : [`TLSCACertificateFile ${write('authority.pem', tls.clientAuthority)}`, 'TLSVerifyClient demand']),
          ...config,
        ];
        const url = `${tls?.implicit ? 'ldaps' : 'ldap'}://${address.includes(':') ? `[${address}]` : address}:${port}/`;
        return ['slapd', '-d', 'stats', '-h', url, '-f', write('slapd.conf', `${lines.join('\n')}\n`)];
      },
    },
    options,
  );
}
