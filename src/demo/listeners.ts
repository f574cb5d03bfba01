import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';

/** Something that listens, and how to end it. */
export interface Started {
  stop(): Promise<void>;
}

/** A service that takes connections and has nothing to say. */
export function startQuiet(address: string, port: number): Promise<Started> {
  return start(
    createServer((socket) => socket.resume()),
    address,
    port,
  );
}

/** The web server of the harbour, where it should be and where it should not. */
export function startWeb(address: string, port: number): Promise<Started> {
  return start(
    createHttpServer((_, response) => response.end('The web site of the harbour\n')),
    address,
    port,
  );
}

/** A gateway whose service does not answer it. */
export function startGateway(address: string, port: number): Promise<Started> {
  const server = createHttpServer((_, response) => {
    response.writeHead(502, { Server: 'lighthouse-gateway' }).end('502 Bad Gateway\n');
  });
  return start(server, address, port);
}

async function start(server: Server, address: string, port: number): Promise<Started> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(port, address);
  await once(server, 'listening');
  return {
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
