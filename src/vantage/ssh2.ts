import { setMaxListeners } from 'node:events';
import type { Host } from '../model/inventory.js';
import { type Transport, type TransportContext, type Vantage, VantageFailure } from '../model/vantage.js';
import { Authentication } from './authentication.js';
import { Connection } from './connection.js';
import { type LoginParts, type LoginTimeouts, logIn, loginTimeouts } from './handshake.js';
import { HandshakePacing, LostBeforeHandshake, type PacingOptions } from './handshake-pacing.js';
import { HostKeys } from './host-key.js';
import { JumpHosts } from './jump.js';
import { continued, type JumpLogin, type JumpWay, jumpNamesOf, jumpWay } from './jump-login.js';
import { localUser } from './local-user.js';
import { type LoginSettings, loginSettings, loginTarget } from './login-settings.js';
import { Secrets } from './secrets.js';
import { addressAndPort, place } from './sentences.js';
import { SshConfig } from './ssh-config.js';
import { Ssh2Vantage } from './ssh2-vantage.js';
import { openSocket } from './tcp.js';
import type { Way } from './way.js';

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
  const authentication = new Authentication(secrets, context.warn);
  const parts: LoginParts = {
    authentication,
    hostKeys: new HostKeys(context.warn),
    secrets,
    timeouts: { ...loginTimeouts, ...options.timeouts },
  };

  const settingsOf = async ({ name, ssh, target }: JumpLogin): Promise<LoginSettings> => {
    const values = await config.values({ target, user: ssh.user, port: ssh.port });
    return loginSettings(name, target, ssh, values, local);
  };

  /** Logs in over ways that `open` makes; of one sshd, MaxStartups and penalties count. */
  const paced = async (
    settings: LoginSettings,
    behind: string,
    open: () => Promise<Way>,
    signal: AbortSignal,
  ): Promise<Connection> => {
    const sshd = addressAndPort(settings.hostname, settings.port);
    try {
      const login = await pacing.run(`${sshd}${behind}`, signal, async () => {
        await context.preAuth.take(sshd, signal);
        try {
          return await logIn(open, settings, parts, signal);
        } catch (error) {
          if (error instanceof LostBeforeHandshake)
            authentication.interactive.askedInVain(settings, 'it closed the connection before the login was done');
          throw error;
        }
      });
      const connection = new Connection(login, place(settings));
      void connection.lost.then(({ message }) => authentication.interactive.askedInVain(settings, message));
      return connection;
    } catch (error) {
      throw error instanceof LostBeforeHandshake ? new VantageFailure(error.message) : error;
    }
  };

  const jumps = new JumpHosts(
    ({ key, settings }, open, signal) => paced(settings, key, open ?? (() => openSocket(settings, signal)), signal),
    ({ settings }) => authentication.interactive.hasAsked(settings),
  );
  const jumpNames = jumpNamesOf(context.hosts.values());

  const wayTo = async (settings: LoginSettings): Promise<JumpWay> => {
    try {
      return await jumpWay(settings, { hosts: context.hosts, settingsOf });
    } catch (error) {
      if (!(error instanceof VantageFailure)) throw error;
      throw new VantageFailure(`cannot log in to ${place(settings)}: ${error.message}`);
    }
  };

  const loginTo = async (host: Host): Promise<{ settings: LoginSettings; way: JumpWay }> => {
    const settings = await settingsOf({ name: host.name, target: loginTarget(host), ssh: host.ssh });
    return { settings, way: await wayTo(settings) };
  };

  const connectShared = async (host: Host, signal: AbortSignal): Promise<Connection> => {
    const { settings, way } = await loginTo(host);
    return jumps.connection(continued(way, settings, context.hosts), signal);
  };

  const connect = async (host: Host, signal: AbortSignal): Promise<Connection> => {
    const { settings, way } = await loginTo(host);
    if (way.length === 0) return paced(settings, '', () => openSocket(settings, signal), signal);
    return paced(settings, way.at(-1)!.key, () => jumps.openStream(way, settings, signal), signal);
  };

  return {
    name: 'ssh2',
    async connect(host, signal): Promise<Vantage> {
      // One signal stops a run of a thousand hosts; Node would warn of a leak from the eleventh on.
      setMaxListeners(0, signal);
      const fresh = (closed: AbortSignal) => connect(host, closed);
      // Whoever is a jump host is logged in to once, or a bastion would ask for two one-time passwords.
      if (jumpNames.has(host.name)) return new Ssh2Vantage(host.name, await connectShared(host, signal), fresh, true);
      return new Ssh2Vantage(host.name, await connect(host, signal), fresh);
    },
    close: () => jumps.close(),
  };
}
