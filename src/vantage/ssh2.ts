import { setMaxListeners } from 'node:events';
import type { Host } from '../model/inventory.js';
import type { Transport, TransportContext, Vantage } from '../model/vantage.js';
import { Authentication } from './authentication.js';
import { Connection } from './connection.js';
import { type LoginParts, type LoginTimeouts, logIn, loginTimeouts } from './handshake.js';
import { HandshakePacing, type PacingOptions } from './handshake-pacing.js';
import { HostKeys } from './host-key.js';
import { JumpHosts, openStream } from './jump.js';
import { continued, type JumpLogin, type JumpWay, jumpNamesOf, jumpWay } from './jump-login.js';
import { localUser } from './local-user.js';
import { type LoginSettings, loginSettings, loginTarget, refuseUnsupported } from './login-settings.js';
import { PacedLogins } from './paced-logins.js';
import { Secrets } from './secrets.js';
import { place } from './sentences.js';
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
  const authentication = new Authentication(secrets, context.warn);
  const logins = new PacedLogins(new HandshakePacing(options.pacing), context.preAuth, authentication.interactive);
  const parts: LoginParts = {
    authentication,
    hostKeys: new HostKeys(context.warn),
    secrets,
    timeouts: { ...loginTimeouts, ...options.timeouts },
  };

  const settingsOf = async ({ name, ssh, target }: JumpLogin): Promise<LoginSettings> => {
    const values = await config.values({ target, user: ssh.user, port: ssh.port });
    refuseUnsupported(name, target, ssh, values);
    return loginSettings(name, target, ssh, values, local);
  };

  /** Logs in, directly or through jump hosts. */
  const reach = (settings: LoginSettings, behind: string, way: JumpWay, signal: AbortSignal): Promise<Connection> => {
    const open = () => (way.length === 0 ? openSocket(settings, signal) : openStream(jumps, way, settings, signal));
    return logins.run(
      settings,
      behind,
      signal,
      async () => new Connection(await logIn(open, settings, parts, signal), place(settings)),
    );
  };

  const jumps: JumpHosts<Connection> = new JumpHosts(
    ({ key, settings }, before, signal) => reach(settings, key, before, signal),
    ({ settings }) => authentication.interactive.hasAsked(settings),
  );
  const jumpNames = jumpNamesOf(context.hosts.values());

  const loginTo = async (host: Host): Promise<{ settings: LoginSettings; way: JumpWay }> => {
    const settings = await settingsOf({ name: host.name, target: loginTarget(host), ssh: host.ssh });
    return { settings, way: await jumpWay(settings, { hosts: context.hosts, settingsOf }) };
  };

  const connectShared = async (host: Host, signal: AbortSignal): Promise<Connection> => {
    const { settings, way } = await loginTo(host);
    return jumps.connection(continued(way, settings, context.hosts), signal);
  };

  const connect = async (host: Host, signal: AbortSignal): Promise<Connection> => {
    const { settings, way } = await loginTo(host);
    return reach(settings, way.at(-1)?.key ?? '', way, signal);
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
