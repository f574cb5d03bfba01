import type { Said } from '../../model/dialogue.js';
import { identified, mismatch } from '../outcome.js';
import type { Answer, Broken } from './answer.js';
import { readHealth, statusNames } from './health.js';

const service = 'grpc';

/** The server's SETTINGS came, and nothing more was asked. */
export function speaksHttp2(): Said {
  return identified(service, 'an HTTP/2 server answered with its SETTINGS');
}

/** HTTP/2 it is; `how`: what it did in place of an answer to the health check: "resets the request (REFUSED_STREAM)". */
export function unanswered({ how, problem }: Broken): Said {
  return mismatch(service, `an HTTP/2 server answers, and then ${how}, where gRPC answers a health check`, problem);
}

/** What gRPC's own clients think of a TLS server that does not choose h2 by ALPN: grpc-go and gRPC's C core hang up. */
export function withoutAlpn(said: Said): Said {
  if (said.outcome !== 'open') return said;
  const warning = 'the TLS server does not choose h2 by ALPN, and most gRPC clients insist on that';
  return identified(service, said.detail, said.warning === undefined ? warning : `${said.warning}; ${warning}`);
}

/** What the answer to a health check means. `asked`: the service whose health it is; empty is the whole server's. */
export function judgeHealth({ fields, body }: Answer, asked: string): Said {
  const httpStatus = fields.get(':status');
  const isGrpc = /^application\/grpc(?:$|[+; ])/.test(fields.get('content-type') ?? '');
  if (httpStatus !== '200' || !isGrpc) return notGrpc(httpStatus ?? 'missing');
  const status = fields.get('grpc-status') || 'missing';
  const name = statusNames[Number(status)] ?? `status ${status}`;
  switch (name) {
    case 'OK':
      return judgeStatus(readHealth(body) ?? 'unreadable', asked === '' ? 'its health' : `the health of ${asked}`);
    case 'NOT_FOUND':
      if (asked !== '') return mismatch(service, `gRPC answers, but its health service knows no ${asked}`);
      return identified(service, 'a gRPC server answered, whose health service says nothing of the whole server');
    case 'UNIMPLEMENTED':
      return identified(
        service,
        'a gRPC server answered that has no health service (UNIMPLEMENTED)',
        asked === '' ? undefined : `the server has no health service, so the health of ${asked} cannot be told`,
      );
    case 'UNAUTHENTICATED':
    case 'PERMISSION_DENIED':
      return identified(service, `a gRPC server answered that does not show its health to strangers (${name})`);
    case 'UNAVAILABLE':
      return mismatch(
        service,
        'gRPC answers, but UNAVAILABLE: the path is fine, and the service behind it is down',
        'upstream-down',
      );
    default:
      return identified(service, `a gRPC server answered (${name})`, `the server's health check fails with ${name}`);
  }
}

// What a gateway says for a service that it does not reach.
const gatewayStatuses = ['502', '503', '504'];

function notGrpc(status: string): Said {
  const problem = gatewayStatuses.includes(status) ? 'upstream-down' : 'stranger';
  return mismatch(service, `an HTTP/2 server answers that is not gRPC: HTTP status ${status}`, problem);
}

function judgeStatus(status: string, health: string): Said {
  if (status === 'SERVING') return identified(service, `a gRPC server answered; ${health} is SERVING`);
  return mismatch(service, `gRPC answers and the path is fine, but ${health} is ${status}`);
}
