import { launch, type Server, type ServerOptions, type ServerTls, serverUnavailable } from './server.js';

export interface DockerRegistryOptions extends ServerOptions {
  readonly tls?: ServerTls;
  /** Asks everybody who they are: 401. */
  readonly locked?: boolean;
}

export function dockerRegistryUnavailable(): string | undefined {
  return serverUnavailable('docker-registry');
}

/** A real, empty docker-registry, as Debian packages it. */
export async function startDockerRegistry(options: DockerRegistryOptions = {}): Promise<Server> {
  const { tls, locked = false } = options;
  return launch(
    {
      name: 'docker-registry',
      user: 'docker-registry',
      command: ({ folder, address, port, write }) => {
        const settings = {
          version: 0.1,
          log: { level: 'info', accesslog: { disabled: false } },
          storage: { filesystem: { rootdirectory: `${folder}/images` } },
          ...(locked ? { auth: { silly: { realm: 'lab', service: 'registry' } } } : {}),
          http: {
            addr: `${address.includes(':') ? `[${address}]` : address}:${port}`,
            ...(tls === undefined
              ? {}
              : { tls: { certificate: write('certificate.pem', tls.certificate), key: write('key.pem', tls.key) } }),
          },
        };
        // JSON is YAML.
        return ['docker-registry', 'serve', write('config.yml', JSON.stringify(settings))];
      },
    },
    options,
  );
}
