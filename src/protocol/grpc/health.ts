import { frameFlags, frameTypes, writeFrame } from './frame.js';
import { encodeHeader } from './hpack.js';

// https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md and doc/health-checking.md.

/** The stream of the one request. */
export const healthStream = 1;

/** The frames that ask grpc.health.v1.Health/Check for a service; the empty name is the server as a whole. */
export function healthRequest(service: string, authority: string, scheme: 'http' | 'https'): Buffer {
  const fields = {
    ':method': 'POST',
    ':scheme': scheme,
    ':path': '/grpc.health.v1.Health/Check',
    ':authority': authority,
    'content-type': 'application/grpc',
    te: 'trailers',
    'user-agent': 'portolan',
  };
  const headers = Buffer.concat(Object.entries(fields).map(([name, value]) => encodeHeader(name, value)));
  return Buffer.concat([
    writeFrame(frameTypes.headers, frameFlags.endHeaders, healthStream, headers),
    writeFrame(frameTypes.data, frameFlags.endStream, healthStream, message(service)),
  ]);
}

/** A HealthCheckRequest (`string service = 1`) in gRPC's framing: not compressed, its length, protobuf. */
function message(service: string): Buffer {
  const name = Buffer.from(service);
  const field = name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a, ...varint(name.length)]), name]);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(field.length, 1);
  return Buffer.concat([prefix, field]);
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >> 7)];
}

const servingStatuses = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'] as const;
export type ServingStatus = (typeof servingStatuses)[number];

/** The status of a HealthCheckResponse (`ServingStatus status = 1`) in gRPC's framing; undefined where it is none. */
export function readHealth(body: Buffer): ServingStatus | undefined {
  if (body.length < 5 || body[0] !== 0 || body.length !== 5 + body.readUInt32BE(1)) return undefined;
  // Protobuf leaves a zero out.
  if (body.length === 5) return 'UNKNOWN';
  return body[5] === 0x08 && body.length === 7 ? servingStatuses[body[6]!] : undefined;
}

/** https://github.com/grpc/grpc/blob/master/doc/statuscodes.md */
export const statusNames = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const;
