import { connect, type Socket } from 'node:net';
import { VantageFailure } from '../model/vantage.js';
import type { LoginSettings } from './login-settings.js';
import { place } from './sentences.js';

const meanings: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused: no sshd listens there, or a firewall rejects it; check sshd and ssh.port',
  EHOSTUNREACH: 'no route to host: the host is down, the address is wrong, or a firewall rejects it',
  ENETUNREACH: 'the network is unreachable from this machine; check the address and the routes, or name a jump host',
  ENOTFOUND: 'its name does not resolve on this machine; set ssh.host to an address',
  EAI_AGAIN: 'its name could not be resolved, the name server does not answer; set ssh.host to an address',
  ETIMEDOUT: 'nothing answered: the host is down, or a firewall drops the connection',
};

/** Opens the TCP connection of a login from this machine. Rejects with a {@link VantageFailure} or the signal's reason. */
export function openSocket(settings: LoginSettings, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const { hostname: host, port, family } = settings;
    const socket = connect({ host, port, ...(family === 0 ? {} : { family }) });
    const fail = (reason: unknown) => {
      settle();
      socket.destroy();
      reject(reason);
    };
    const failWith = (meaning: string) => fail(new VantageFailure(`cannot log in to ${place(settings)}: ${meaning}`));
    const onAbort = () => fail(signal.reason);
    const onError = (error: NodeJS.ErrnoException) => failWith(meanings[errorCode(error)] ?? error.message);
    const seconds = settings.connectTimeoutMs / 1000;
    const timer = setTimeout(
      () =>
        failWith(
          `nothing answered within ${seconds} s: the host is down, the address is wrong, or a firewall drops it`,
        ),
      settings.connectTimeoutMs,
    );
    const settle = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.off('error', onError);
      socket.on('error', () => {});
    };
    socket.on('error', onError);
    socket.once('connect', () => {
      settle();
      socket.setNoDelay(true);
      resolve(socket);
    });
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}

/** Several addresses of one name fail together as one error that holds theirs. */
function errorCode(error: NodeJS.ErrnoException): string {
  const inner = error instanceof AggregateError ? (error.errors.at(-1) as NodeJS.ErrnoException | undefined) : error;
  return inner?.code ?? error.code ?? '';
}
