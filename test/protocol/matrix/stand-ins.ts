import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** Somebody who accepts for a service that is not there. */
export interface StandIn {
  readonly address: string;
  readonly port: number;
  /** How connections ended that did not end with FIN. */
  readonly broken: readonly string[];
  stop(): Promise<void>;
}

/** Closes what it accepts, as docker-proxy does when the container is gone. */
export function startCloser(): Promise<StandIn> {
  return startStandIn((socket) => socket.end());
}

/** Accepts and says nothing, as an accept queue does whose program hangs. */
export function startSilent(): Promise<StandIn> {
  return startStandIn(() => {});
}

async function startStandIn(serve: (socket: Socket) => void): Promise<StandIn> {
  const address = '127.0.0.1';
  const broken: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', ({ message }) => broken.push(message));
    socket.resume();
    serve(socket);
  });
  server.listen({ port: 0, host: address, backlog: 511 });
  await once(server, 'listening');
  return {
    address,
    port: (server.address() as AddressInfo).port,
    broken,
    stop: async () => {
      server.close();
    },
  };
}
