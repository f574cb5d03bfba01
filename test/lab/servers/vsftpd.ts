import { mkdirSync } from 'node:fs';
import { launch, type Server, type ServerOptions, type ServerTls, serverUnavailable } from './server.js';

export interface VsftpdOptions extends ServerOptions {
  /** AUTH TLS, or TLS from the first byte. */
  readonly tls?: ServerTls & { readonly implicit?: boolean };
  /** Settings of vsftpd.conf: `{ ftpd_banner: 'Welcome' }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

export function vsftpdUnavailable(): string | undefined {
  return serverUnavailable('vsftpd');
}

/** A real vsftpd that lets nobody in. */
export async function startVsftpd(options: VsftpdOptions = {}): Promise<Server> {
  const { tls } = options;
  return launch(
    {
      name: 'vsftpd',
      // As the first process it would be given the sessions of those of its processes that ended, and it exits at the end
      // of one that it did not start: a shell takes them.
      inside: ['sh', '-c', '"$0" "$@"; exit $?'],
      command: ({ folder, logFile, address, port, write }) => {
        mkdirSync(`${folder}/empty`);
        const settings = {
          listen: 'YES',
          listen_address: address,
          listen_port: `${port}`,
          background: 'NO',
          anonymous_enable: 'NO',
          local_enable: 'YES',
          secure_chroot_dir: `${folder}/empty`,
          xferlog_enable: 'YES',
          vsftpd_log_file: logFile,
          ...(tls === undefined
            ? {}
            : {
                ssl_enable: 'YES',
                // Its own choice is one cipher, for RSA keys.
                ssl_ciphers: 'HIGH',
                implicit_ssl: tls.implicit ? 'YES' : 'NO',
                rsa_cert_file: write('certificate.pem', tls.certificate),
                rsa_private_key_file: write('key.pem', tls.key),
              }),
          ...options.settings,
        };
        const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
        return ['vsftpd', write('vsftpd.conf', lines.join(''))];
      },
    },
    options,
  );
}
