import type { TLSSocket } from 'node:tls';
import { Deadline } from '../deadline.js';

/** Why there is no session: OpenSSL's reason, or that the server went away, or that it did not finish in time. */
export type Refusal =
  | { readonly kind: 'error'; readonly code: string; readonly message: string }
  | { readonly kind: 'closed' }
  | { readonly kind: 'silence' };

// Long enough for a server that is far or busy. Nearly all send tickets, and then nobody waits.
const leastPatienceMs = 300;

/** Waits for the session, or for why there is none. Rejects with the reason of the deadline's signal. */
export async function shakeHands(socket: TLSSocket, deadline: Deadline): Promise<Refusal | undefined> {
  const startedAt = performance.now();
  const refused = new Promise<Refusal>((resolve) => {
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(toRefusal(error)));
    socket.once('close', () => resolve({ kind: 'closed' }));
  });
  const accepted = acceptance(socket);
  const shaken = new Promise<undefined>((resolve) => socket.once('secureConnect', () => resolve(undefined)));
  try {
    const end = await deadline.race(Promise.race([shaken, refused]));
    if (end === 'over') return { kind: 'silence' };
    if (end !== undefined || socket.getProtocol() !== 'TLSv1.3') return end;
    const patience = new Deadline(Math.max(leastPatienceMs, 3 * (performance.now() - startedAt)));
    const answer = await patience.race(deadline.race(Promise.race([accepted, refused])));
    patience.cancel();
    return answer === 'over' ? undefined : answer;
  } finally {
    // While anybody waits for `readable`, `data` does not flow.
    socket.removeAllListeners('readable');
  }
}

/**
 * A server that speaks TLS 1.3 looks at the client's certificate after its own part of the handshake, and refuses it, or
 * the lack of one, where its first words would be. That it goes on is seen by its session ticket, or by whatever else it
 * says.
 */
function acceptance(socket: TLSSocket): Promise<undefined> {
  return new Promise((resolve) => {
    for (const event of ['session', 'readable', 'end']) socket.once(event, () => resolve(undefined));
  });
}

function toRefusal({ code = '', message }: NodeJS.ErrnoException): Refusal {
  return code.startsWith('ERR_SSL_') ? { kind: 'error', code, message } : { kind: 'closed' };
}
