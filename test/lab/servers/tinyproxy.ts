import { launch, type Server, type ServerOptions, serverUnavailable } from './server.js';

export interface TinyproxyOptions extends ServerOptions {
  /** The ports that it makes tunnels to; any, if left out. */
  readonly connectPorts?: readonly number[];
  /** Who may use it: others are asked for a login. */
  readonly login?: { readonly user: string; readonly password: string };
}

export function tinyproxyUnavailable(): string | undefined {
  return serverUnavailable('tinyproxy');
}

/** A real HTTP proxy. */
export async function startTinyproxy(options: TinyproxyOptions = {}): Promise<Server> {
  const { connectPorts = [], login } = options;
  return launch(
    {
      name: 'tinyproxy',
      command: ({ address, port, write }) => {
        const lines = [
          `Listen ${address}`,
          `Port ${port}`,
          'Timeout 60',
          'MaxClients 16',
          ...connectPorts.map((each) => `ConnectPort ${each}`),
          ...(login === undefined ? [] : [`BasicAuth ${login.user} ${login.password}`]),
        ];
        return ['tinyproxy', '-d', '-c', write('tinyproxy.conf', `${lines.join('\n')}\n`)];
      },
    },
    options,
  );
}
