import { setMaxListeners } from 'node:events';
import type { Host } from '../model/inventory.js';
import type { Transport, TransportContext, Vantage } from '../model/vantage.js';
import { HandshakePacing, type PacingOptions } from './handshake-pacing.js';
import { Interactive } from './interactive.js';
import { JumpHosts } from './jump.js';
import { continued, type JumpLogin, type JumpWay, jumpNamesOf, jumpWay } from './jump-login.js';
import { localUser } from './local-user.js';
import { type LoginSettings, loginSettings, loginTarget } from './login-settings.js';
import { Askpass } from './openssh/askpass.js';
import { type LoginParts, logIn, loginSilenceMs } from './openssh/login.js';
import { type Master, shareOf, usersMaster } from './openssh/master.js';
import { makePrivateFolder } from './openssh/private-folder.js';
import { OpensshVantage } from './openssh/vantage.js';
import { PacedLogins } from './paced-logins.js';
import { Secrets } from './secrets.js';
import { SshConfig } from './ssh-config.js';

/** What a test sets to have bad days sooner; a run leaves it alone. */
export interface OpensshOptions {
  readonly silenceMs?: number;
  readonly pacing?: Partial<PacingOptions>;
  /** The program to run for `ssh`. */
  readonly client?: string;
}

/**
 * Logs in by the system's own ssh client, one shared connection a host: whatever ssh can do here, certificates, FIDO keys,
 * GSSAPI, a proxy command, works as it does in a terminal.
 */
export function createOpensshTransport(context: TransportContext, options: OpensshOptions = {}): Transport {
  const client = options.client ?? 'ssh';
  const local = localUser(context.environment);
  const config = new SshConfig(local, client);
  const secrets = new Secrets(context);
  const interactive = new Interactive(secrets, context.warn);
  const logins = new PacedLogins(new HandshakePacing(options.pacing), context.preAuth, interactive);
  let starting: Promise<LoginParts> | undefined;

  const start = async (): Promise<LoginParts> => {
    const folder = await makePrivateFolder(client);
    const askpass = await Askpass.start(folder, context.environment.DISPLAY);
    return {
      ...{ client, folder, askpass, secrets, interactive },
      clientArguments: await config.clientArguments(),
      environment: context.environment,
      silenceMs: options.silenceMs ?? loginSilenceMs,
    };
  };

  const settingsOf = async ({ name, ssh, target }: JumpLogin): Promise<LoginSettings> => {
    const values = await config.values({ target, user: ssh.user, port: ssh.port });
    return loginSettings(name, target, ssh, values, local);
  };

  /** Logs in, or uses what is open already. */
  const reach = async (settings: LoginSettings, behind: string, way: JumpWay, signal: AbortSignal): Promise<Master> => {
    const { controlPath } = settings;
    const users = controlPath === undefined ? undefined : await usersMaster(settings, controlPath);
    if (users !== undefined) return users;
    starting ??= start();
    const parts = await starting;
    const through = way.length === 0 ? undefined : await jumps.connectionFor(settings, way, signal);
    return logins.run(settings, behind, signal, () =>
      logIn({ settings, through, ownHome: config.ownHome }, parts, signal),
    );
  };

  const jumps: JumpHosts<Master> = new JumpHosts(
    ({ key, settings }, before, signal) => reach(settings, key, before, signal),
    ({ settings }) => interactive.hasAsked(settings),
  );
  const jumpNames = jumpNamesOf(context.hosts.values());

  const connect = async (host: Host, signal: AbortSignal): Promise<Master> => {
    const settings = await settingsOf({ name: host.name, target: loginTarget(host), ssh: host.ssh });
    const way = await jumpWay(settings, { hosts: context.hosts, settingsOf });
    if (!jumpNames.has(host.name)) return reach(settings, way.at(-1)?.key ?? '', way, signal);
    // Whoever is a jump host is logged in to once, or a bastion would ask for two one-time passwords.
    return shareOf(settings, await jumps.connection(continued(way, settings, context.hosts), signal));
  };

  return {
    name: 'openssh',
    async connect(host, signal): Promise<Vantage> {
      // One signal stops a run of a thousand hosts; Node would warn of a leak from the eleventh on.
      setMaxListeners(0, signal);
      return new OpensshVantage(host.name, await connect(host, signal));
    },
    async close() {
      await jumps.close();
      const parts = await starting?.catch(() => undefined);
      parts?.askpass.close();
      await parts?.folder.remove();
    },
  };
}
