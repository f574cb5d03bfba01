import type { Duplex } from 'node:stream';
import ssh2, { type Client } from 'ssh2';
import { VantageFailure } from '../model/vantage.js';
import type { Authentication } from './authentication.js';
import { LostBeforeHandshake } from './handshake-pacing.js';
import type { HostKeys } from './host-key.js';
import type { LoginSettings } from './login-settings.js';
import { Patience } from './patience.js';
import type { Secrets } from './secrets.js';
import { place, printable } from './sentences.js';

/** How long the other side may keep silent, in milliseconds. */
export interface LoginTimeouts {
  /** For its banner, and then for the key exchange. */
  readonly handshake: number;
  /** For its answer to each attempt to log in: name lookups and GSSAPI delay some servers by 10 to 30 s. */
  readonly login: number;
}

export const loginTimeouts: LoginTimeouts = { handshake: 10_000, login: 40_000 };

/** 9 s without an answer: the connection is lost. */
const keepalive = { keepaliveInterval: 3000, keepaliveCountMax: 2 } as const;

export interface LoginParts {
  readonly authentication: Authentication;
  readonly hostKeys: HostKeys;
  readonly secrets: Secrets;
  readonly timeouts: LoginTimeouts;
}

/**
 * Speaks SSH over an open socket until the login is done. Rejects with a {@link VantageFailure}, with
 * {@link LostBeforeHandshake} where another try is worth while, or with the signal's reason; the socket is then closed.
 */
export async function logIn(
  socket: Duplex,
  settings: LoginSettings,
  parts: LoginParts,
  signal: AbortSignal,
): Promise<Client> {
  const client = new ssh2.Client();
  let fail: (reason: unknown) => void = () => {};
  const ended = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const failWith = (sentence: string) => fail(new VantageFailure(parts.secrets.scrub(sentence)));
  const start = `cannot log in to ${place(settings)}:`;
  const patience = new Patience((phase, afterMs) =>
    failWith(
      `${start} it accepted the connection, but ${phase} did not come within ${afterMs / 1000} s; check sshd on it`,
    ),
  );
  const onAbort = () => fail(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });

  let said = '';
  let greeted = false;
  let exchanged = false;
  let asked = false;
  let trusted = true;
  try {
    const policy = await parts.hostKeys.policy(settings);
    const attempts = await parts.authentication.attempts(settings, {
      mayTypeSecrets: () => trusted,
      whileAsking: (work) => {
        asked = true;
        return patience.whileAsking(work);
      },
    });
    signal.throwIfAborted();
    const ready = new Promise<void>((resolve) => client.once('ready', resolve));
    client.on('handshake', () => {
      exchanged = true;
      patience.expect('its answer to the login', parts.timeouts.login);
    });
    client.on('change password', () =>
      failWith(`${start} the password of ${settings.user} has expired; change it there`),
    );
    client.on('error', (error: Error & { level?: string }) => {
      // One key's signature failed; the next key is tried.
      if (error.level === 'agent') return;
      if (error.level === 'client-authentication')
        failWith(`${start} it refused the login of ${settings.user}: ${attempts.account()}`);
      else if (error.message === 'Connection lost before handshake' || (!greeted && error.level === 'client-socket'))
        fail(lostEarly());
      else if (/too many authentication failures/i.test(error.message)) {
        failWith(
          `${start} it gave up after too many attempts (MaxAuthTries): ${attempts.account()}; name the right identityFile, or set IdentitiesOnly in ~/.ssh/config`,
        );
      } else failWith(`${start} ${printable(error.message)}`);
    });
    client.on('close', () => {
      if (!greeted || (asked && exchanged)) fail(lostEarly());
      else
        failWith(
          `${start} it closed the connection during the ${exchanged ? `login; ${attempts.account()}` : 'key exchange'}`,
        );
    });
    const lostEarly = () => {
      const answer = said === '' ? 'without a word' : `after "${printable(said)}"`;
      return new LostBeforeHandshake(
        parts.secrets.scrub(
          `${start} the connection was closed ${answer} before the SSH handshake; if this is sshd, see its MaxStartups and ` +
            'PerSourcePenalties, or the log of the host; otherwise check ssh.port',
        ),
      );
    };
    client.connect({
      sock: socket,
      username: settings.user,
      readyTimeout: 0,
      ...keepalive,
      algorithms: { serverHostKey: policy.algorithms },
      hostVerifier: (key: Buffer, verify: (accepted: boolean) => void) => {
        policy.verify(key).then(
          (judged) => {
            trusted = judged.trusted;
            verify(true);
          },
          (reason) => {
            fail(reason);
            verify(false);
          },
        );
      },
      authHandler: attempts.handler,
      // ssh2 keeps the list of accepted methods from us while keys are tried one by one; its trace has it.
      debug: (message) => {
        if (exchanged) serverAccepts(message, attempts.serverAccepts);
      },
    });
    socket.on('data', (data: Buffer) => {
      if (greeted) return;
      said = (said + data.toString('latin1')).slice(0, 300);
      greeted = /(?:^|\n)SSH-/.test(said);
    });
    patience.expect('its SSH greeting', parts.timeouts.handshake);
    await Promise.race([ready, ended]);
    return client;
  } catch (error) {
    client.end();
    socket.destroy();
    throw error;
  } finally {
    patience.end();
    signal.removeEventListener('abort', onAbort);
    ended.catch(() => {});
  }
}

function serverAccepts(message: string, tell: (methods: readonly string[]) => void): void {
  const methods = /Received USERAUTH_FAILURE \((.*)\)/.exec(message)?.[1];
  if (methods !== undefined) tell(methods.split(',').filter((method) => method !== ''));
}
