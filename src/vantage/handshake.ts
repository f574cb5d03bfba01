import type { Duplex } from 'node:stream';
import ssh2, { type Client } from 'ssh2';
import { type Login, VantageFailure } from '../model/vantage.js';
import type { Attempts, Authentication } from './authentication.js';
import { coalesceWrites } from './coalesced.js';
import type { HostKeyPolicy, HostKeys } from './host-key.js';
import { keepalive } from './keepalive.js';
import { LoginProgress } from './login-progress.js';
import type { LoginSettings } from './login-settings.js';
import { Patience } from './patience.js';
import type { Secrets } from './secrets.js';
import type { Carrier, Way } from './way.js';

/** How long the other side may keep silent, in milliseconds. */
export interface LoginTimeouts {
  /** For its banner, and then for the key exchange. */
  readonly handshake: number;
  /** For its answer to each attempt to log in: name lookups and GSSAPI delay some servers by 10 to 30 s. */
  readonly login: number;
}

export const loginTimeouts: LoginTimeouts = { handshake: 10_000, login: 40_000 };

export interface LoginParts {
  readonly authentication: Authentication;
  readonly hostKeys: HostKeys;
  readonly secrets: Secrets;
  readonly timeouts: LoginTimeouts;
}

/** A client that is logged in, and the socket it speaks over: ssh2 itself lets go of it only while it can be written. */
export interface LoggedIn {
  readonly client: Client;
  readonly socket: Duplex;
  readonly login: Login;
  readonly carrier: Carrier | undefined;
}

/**
 * Opens a connection and speaks SSH over it until the login is done. Rejects with a {@link VantageFailure}, with a
 * `LostBeforeHandshake` where another try is worth while, or with the signal's reason; the connection is then closed.
 */
export async function logIn(
  open: () => Promise<Way>,
  settings: LoginSettings,
  parts: LoginParts,
  signal: AbortSignal,
): Promise<LoggedIn> {
  const progress = new LoginProgress(settings, parts.secrets);
  const patience = new Patience((phase, afterMs) => progress.failed(progress.hung(phase, afterMs)));
  const onAbort = () => progress.failed(signal.reason);
  let attempts: Attempts | undefined;
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    // All that may take time comes before the connection: sshd counts those that are not logged in.
    const policy = await parts.hostKeys.policy(settings);
    attempts = await parts.authentication.attempts(settings, {
      mayTypeSecrets: () => progress.trusted,
      whileAsking: (work) => progress.whileAsking(patience.whileAsking(work)),
    });
    signal.throwIfAborted();
    const way = await open();
    const client = await speak(way, settings, parts, { progress, patience, policy, attempts });
    const login = progress.doubt === undefined ? way.login : { ...way.login, hostKeyDoubt: progress.doubt };
    return { client, socket: way.stream, login, carrier: way.carrier };
  } finally {
    attempts?.end();
    patience.end();
    signal.removeEventListener('abort', onAbort);
  }
}

interface Speech {
  readonly progress: LoginProgress;
  readonly patience: Patience;
  readonly policy: HostKeyPolicy;
  readonly attempts: Attempts;
}

async function speak(
  { carrier, stream: socket }: Way,
  settings: LoginSettings,
  parts: LoginParts,
  speech: Speech,
): Promise<Client> {
  const { progress, patience, policy, attempts } = speech;
  const { timeouts } = parts;
  const client = new ssh2.Client();
  const ready = new Promise<void>((resolve) => client.once('ready', resolve));
  client.on('error', (error: Error & { level?: string }) => {
    // Where one key could not sign, ssh2 says so and tries the next.
    if (error.level !== 'agent') progress.failed(progress.broken(error, attempts.account()));
  });
  client.on('close', () => progress.failed(progress.closed(attempts.account())));
  client.on('change password', () => progress.failed(progress.passwordExpired()));
  client.on('handshake', () => {
    progress.exchanged = true;
    patience.expect('its answer to the login', timeouts.login);
  });
  try {
    patience.expect('its SSH greeting', timeouts.handshake);
    client.connect({
      sock: coalesceWrites(socket),
      username: settings.user,
      readyTimeout: 0,
      ...keepalive(carrier === undefined ? 0 : carrier.depth + 1),
      algorithms: { serverHostKey: policy.algorithms },
      hostVerifier: (key: Buffer, verify: (accepted: boolean) => void) => {
        policy.verify(key).then(
          ({ doubt, trusted }) => {
            progress.trusted = trusted;
            progress.doubt = doubt;
            verify(true);
          },
          (refusal) => {
            progress.failed(refusal);
            verify(false);
          },
        );
      },
      authHandler: attempts.handler,
      // ssh2 keeps the list of accepted methods from us while keys are tried one by one; its trace has it.
      debug: (message) => {
        const methods = /Received USERAUTH_FAILURE \((.*)\)/.exec(message)?.[1];
        if (methods === undefined || !progress.exchanged) return;
        attempts.serverAccepts(methods.split(',').filter((method) => method !== ''));
        patience.expect('its answer to the login', timeouts.login);
      },
    });
    progress.watch(socket, () => patience.expect('its part of the key exchange', timeouts.handshake));
    await Promise.race([ready, progress.failure]);
    return client;
  } catch (error) {
    client.end();
    socket.destroy();
    throw error;
  }
}
