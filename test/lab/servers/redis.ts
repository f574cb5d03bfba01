import { launch, type Server, type ServerOptions, type ServerTls, serverUnavailable } from './server.js';

export interface RedisOptions extends ServerOptions {
  readonly password?: string;
  /** Redis's default: without a password it turns away whoever does not come from loopback. */
  readonly protectedMode?: boolean;
  /** TLS in place of plain text. */
  readonly tls?: ServerTls;
  /** More of redis-server's arguments: `['--maxclients', '1']`. */
  readonly arguments?: readonly string[];
}

export function redisUnavailable(): string | undefined {
  return serverUnavailable('redis-server');
}

/** A real Redis that keeps nothing. */
export async function startRedis(options: RedisOptions = {}): Promise<Server> {
  const { password, protectedMode = true, tls } = options;
  return launch(
    {
      name: 'redis',
      user: 'redis',
      command: ({ folder, address, port, write }) => [
        'redis-server',
        ...['--bind', address, '--dir', folder, '--save', '', '--appendonly', 'no', '--databases', '1'],
        ...['--protected-mode', protectedMode ? 'yes' : 'no'],
        ...(password === undefined ? [] : ['--requirepass', password]),
        ...(tls === undefined
          ? ['--port', `${port}`]
          : [
              ...['--port', '0', '--tls-port', `${port}`],
              ...['--tls-cert-file', write('certificate.pem', tls.certificate)],
              ...['--tls-key-file', write('key.pem', tls.key)],
              ...(tls.clientAuthority === undefined
                ? ['--tls-auth-clients', 'no', '--tls-ca-cert-file', write('authority.pem', tls.certificate)]
                : ['--tls-ca-cert-file', write('authority.pem', tls.clientAuthority)]),
            ]),
        ...(options.arguments ?? []),
      ],
    },
    options,
  );
}
