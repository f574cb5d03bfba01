import { fileURLToPath } from 'node:url';
import { launch, type Server, type ServerOptions, type ServerTls } from './server.js';

export interface GrpcOptions extends ServerOptions {
  readonly tls?: ServerTls;
  /** What grpc.health.v1 answers, by service, '' for the server itself; others are unknown. Without it: UNIMPLEMENTED. */
  readonly health?: Readonly<Record<string, 'SERVING' | 'NOT_SERVING'>>;
}

const program = fileURLToPath(new URL('./grpc-process.js', import.meta.url));

/** Node's HTTP/2 server with gRPC's health service: HTTP/2 alone, in plain text with prior knowledge, or by ALPN. */
export async function startGrpc(options: GrpcOptions = {}): Promise<Server> {
  const { tls, health } = options;
  return launch(
    {
      name: 'grpc',
      command: ({ address, port }) => [process.execPath, program, JSON.stringify({ address, port, tls, health })],
    },
    options,
  );
}
