import { isIP } from 'node:net';
import { canonicalAddress } from '../model/addresses.js';
import type { Host, HostKeyChecking, SecretSource, SshSettings } from '../model/inventory.js';
import { VantageFailure } from '../model/vantage.js';
import type { LocalUser } from './local-user.js';
import { type Authentication, expandTokens, type SshConfigValues } from './ssh-config-values.js';

/** How one host is logged in to, everything decided: inventory over `~/.ssh/config` over OpenSSH's defaults. */
export interface LoginSettings {
  /** The inventory's name, or the jump as it was written: for sentences. */
  readonly host: string;
  readonly hostname: string;
  /** What ssh is given as its destination: `~/.ssh/config` is read for it. */
  readonly target: string;
  /** What the inventory itself says. */
  readonly inventory: SshSettings;
  readonly port: number;
  readonly user: string;
  /** 0: both families. */
  readonly family: 0 | 4 | 6;
  /** Looked up in known_hosts instead of the address and port. */
  readonly hostKeyAlias: string | undefined;
  readonly identityFiles: readonly string[];
  /** False where the files are OpenSSH's defaults: then it is no news that one is missing. */
  readonly identityFilesNamed: boolean;
  readonly identitiesOnly: boolean;
  readonly agentSocket: string | undefined;
  /** The first is the one that new keys are written to. */
  readonly knownHostsFiles: readonly string[];
  readonly globalKnownHostsFiles: readonly string[];
  readonly strictHostKeyChecking: HostKeyChecking;
  readonly hashKnownHosts: boolean;
  readonly jump: string | undefined;
  /** The control socket of the user's own shared connection, if it is to be had. */
  readonly controlPath: string | undefined;
  readonly connectTimeoutMs: number;
  readonly authentications: readonly Authentication[];
  readonly password: SecretSource | undefined;
  readonly passphrase: SecretSource | undefined;
}

const defaultConnectTimeoutMs = 10_000;
const defaultIdentityFiles = ['id_rsa', 'id_ecdsa', 'id_ecdsa_sk', 'id_ed25519', 'id_ed25519_sk'];

/** The host name that ssh would be given: `~/.ssh/config` is read for it. */
export function loginTarget(host: Host): string {
  return host.ssh.host ?? host.address;
}

/**
 * Refuses what ssh's configuration says and ssh2 cannot follow: ignoring it would reach another machine, or trust a key
 * that the user has revoked. Throws a {@link VantageFailure}.
 */
export function refuseUnsupported(host: string, target: string, ssh: SshSettings, config: SshConfigValues): void {
  // The inventory's own way stands over that of ssh's configuration.
  const unsupported = config.unsupported.filter((name) => name !== 'ProxyCommand' || ssh.jump === undefined);
  if (unsupported.length === 0) return;
  throw new VantageFailure(
    `cannot log in to ${host} (${target}): ~/.ssh/config sets ${unsupported.join(' and ')} for it, which the ssh2 transport ` +
      'cannot do; set "transport": "openssh" for this host, or name "jump" in its ssh settings of the inventory',
  );
}

/** Merges what the inventory says with what ssh's configuration says. */
export function loginSettings(
  host: string,
  target: string,
  ssh: SshSettings,
  config: SshConfigValues,
  local: LocalUser,
): LoginSettings {
  const user = ssh.user ?? config.user ?? local.name;
  const port = ssh.port ?? config.port ?? 22;
  const hostname = canonicalLiteral(config.hostname ?? target);
  const expand = (path: string) => expandTokens(path, { hostname, target, port, user }, local);
  const identityFiles = ssh.identityFile ?? config.identityFiles;
  const agent = config.identityAgent;
  const jump = ssh.jump ?? config.proxyJump;
  return {
    host,
    hostname,
    target,
    inventory: ssh,
    port,
    user,
    family: config.family,
    hostKeyAlias: config.hostKeyAlias,
    identityFiles: (identityFiles ?? defaultIdentityFiles.map((name) => `~/.ssh/${name}`)).map(expand),
    identityFilesNamed: identityFiles !== undefined,
    identitiesOnly: config.identitiesOnly,
    agentSocket: agent === 'none' ? undefined : agent === undefined ? socketOf(local) : expand(agent),
    knownHostsFiles: (ssh.knownHostsFile ?? config.knownHostsFiles ?? ['~/.ssh/known_hosts']).map(expand),
    globalKnownHostsFiles:
      ssh.knownHostsFile !== undefined ? [] : (config.globalKnownHostsFiles ?? ['/etc/ssh/ssh_known_hosts']),
    strictHostKeyChecking: ssh.strictHostKeyChecking ?? config.strictHostKeyChecking ?? 'yes',
    hashKnownHosts: config.hashKnownHosts,
    jump: jump?.toLowerCase() === 'none' ? undefined : jump,
    controlPath: config.controlPath,
    connectTimeoutMs: config.connectTimeoutMs ?? defaultConnectTimeoutMs,
    authentications: config.authentications,
    password: ssh.password,
    passphrase: ssh.passphrase,
  };
}

/** ssh keeps a literal address in known_hosts in its canonical form, whichever way it was written. */
function canonicalLiteral(hostname: string): string {
  const [address = '', zone] = hostname.split('%');
  if (isIP(hostname) !== 6) return hostname;
  return zone === undefined ? canonicalAddress(address) : `${canonicalAddress(address)}%${zone}`;
}

function socketOf(local: LocalUser): string | undefined {
  const socket = local.environment.SSH_AUTH_SOCK;
  return socket === '' ? undefined : socket;
}
