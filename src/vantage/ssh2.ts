import { setMaxListeners } from 'node:events';
import type { Host } from '../model/inventory.js';
import { type Transport, type TransportContext, type Vantage, VantageFailure } from '../model/vantage.js';
import { Authentication } from './authentication.js';
import { Connection } from './connection.js';
import { type LoginParts, type LoginTimeouts, logIn, loginTimeouts, type Way } from './handshake.js';
import { HandshakePacing, LostBeforeHandshake, type PacingOptions } from './handshake-pacing.js';
import { HostKeys } from './host-key.js';
import { JumpHosts } from './jump.js';
import { jumpLogin } from './jump-login.js';
import { localUser } from './local-user.js';
import { type LoginSettings, loginSettings, loginTarget } from './login-settings.js';
import { Secrets } from './secrets.js';
import { addressAndPort, place } from './sentences.js';
import { SshConfig } from './ssh-config.js';
import { Ssh2Vantage } from './ssh2-vantage.js';
import { openSocket } from './tcp.js';

/** What a test sets to have bad days sooner; a run leaves it alone. */
export interface Ssh2Options {
  readonly timeouts?: Partial<LoginTimeouts>;
  readonly pacing?: Partial<PacingOptions>;
  /** The program asked for `ssh -G`. */
  readonly client?: string;
}

/** The default transport: SSH spoken by this program, one connection a host. */
export function createSsh2Transport(context: TransportContext, options: Ssh2Options = {}): Transport {
  const local = localUser(context.environment);
  const config = new SshConfig(local, options.client);
  const secrets = new Secrets(context);
  const pacing = new HandshakePacing(options.pacing);
  const parts: LoginParts = {
    authentication: new Authentication(secrets),
    hostKeys: new HostKeys(context.warn),
    secrets,
    timeouts: { ...loginTimeouts, ...options.timeouts },
  };

  const settingsOf = async (name: string, target: string, ssh: Host['ssh']): Promise<LoginSettings> => {
    const values = await config.values({ target, user: ssh.user, port: ssh.port });
    return loginSettings(name, target, ssh, values, local);
  };

  /** Logs in over sockets that `open` makes; `destination` is the sshd whose MaxStartups counts. */
  const paced = async (
    settings: LoginSettings,
    destination: string,
    open: () => Promise<Way>,
    signal: AbortSignal,
  ): Promise<Connection> => {
    try {
      const login = await pacing.run(destination, signal, () => logIn(open, settings, parts, signal));
      return new Connection(login, place(settings));
    } catch (error) {
      throw error instanceof LostBeforeHandshake ? new VantageFailure(error.message) : error;
    }
  };

  const jumps = new JumpHosts(async (jump, signal) => {
    const { name, target, ssh } = jumpLogin(jump, context.hosts);
    const settings = await settingsOf(name, target, ssh);
    if (settings.jump !== undefined && settings.jump !== jump) {
      throw new VantageFailure(
        `${name} is a jump host and is itself reached through ${settings.jump}; chains of jump hosts are not available in ` +
          'this version: name a host that can be reached directly',
      );
    }
    return paced(
      settings,
      addressAndPort(settings.hostname, settings.port),
      () => openSocket(settings, signal),
      signal,
    );
  });

  const connect = async (host: Host, signal: AbortSignal): Promise<Connection> => {
    const settings = await settingsOf(host.name, loginTarget(host), host.ssh);
    const target = addressAndPort(settings.hostname, settings.port);
    const { jump } = settings;
    if (jump === undefined || jump === host.name)
      return paced(settings, target, () => openSocket(settings, signal), signal);
    return paced(settings, `${target} behind ${jump}`, () => jumps.openStream(jump, settings, signal), signal);
  };

  return {
    name: 'ssh2',
    async connect(host, signal): Promise<Vantage> {
      // One signal stops a run of a thousand hosts; Node would warn of a leak from the eleventh on.
      setMaxListeners(0, signal);
      const connection = await connect(host, signal);
      return new Ssh2Vantage(host.name, connection, (closed) => connect(host, closed));
    },
    close: () => jumps.close(),
  };
}
