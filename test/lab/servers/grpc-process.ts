import { createSecureServer, createServer, type ServerHttp2Stream } from 'node:http2';
import type { GrpcOptions } from './grpc.js';

// node grpc-process.js OPTIONS: an HTTP/2 server with grpc.health.v1 (https://github.com/grpc/grpc/blob/master/doc/health-checking.md).
// Logs sessions and requests.
const { address, port, tls, health } = JSON.parse(process.argv[2]!) as GrpcOptions;

const server =
  tls === undefined
    ? createServer()
    : createSecureServer({
        cert: tls.certificate,
        key: tls.key,
        ...(tls.clientAuthority === undefined
          ? {}
          : { ca: tls.clientAuthority, requestCert: true, rejectUnauthorized: true }),
      });

const statuses = { ok: 0, notFound: 5, unimplemented: 12 } as const;
const healths = { SERVING: 1, NOT_SERVING: 2 } as const;

server.on('session', (session) => {
  console.log('session');
  session.on('error', ({ message }) => console.log(`session failed: ${message}`));
  session.on('close', () => console.log('session closed'));
});
server.on('sessionError', () => {});
server.on('stream', (stream, headers) => {
  const method = headers[':method'];
  const path = headers[':path'];
  console.log(`${method} ${path}`);
  stream.on('error', () => {});
  if (headers['content-type']?.startsWith('application/grpc') !== true) {
    stream.respond({ ':status': 415 }, { endStream: true });
    return;
  }
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('end', () => {
    if (path !== '/grpc.health.v1.Health/Check' || health === undefined) answer(stream, statuses.unimplemented);
    else {
      const status = health[serviceOf(Buffer.concat(chunks))];
      if (status === undefined) answer(stream, statuses.notFound);
      else answer(stream, statuses.ok, Buffer.from([0x08, healths[status]]));
    }
  });
});

/** HealthCheckRequest has one field, 1, a string; five bytes of gRPC's framing come first. */
function serviceOf(message: Buffer): string {
  return message.length <= 5 ? '' : message.toString('utf8', 7);
}

function answer(stream: ServerHttp2Stream, status: number, message?: Buffer): void {
  const headers = { ':status': 200, 'content-type': 'application/grpc' };
  if (message === undefined) {
    stream.respond({ ...headers, 'grpc-status': `${status}` }, { endStream: true });
    return;
  }
  stream.respond(headers, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': `${status}` }));
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  stream.end(Buffer.concat([prefix, message]));
}

server.listen(port, address);
