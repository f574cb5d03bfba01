import { keepalive } from '../keepalive.js';
import type { LoginSettings } from '../login-settings.js';
import { depthOf, type Master } from './master.js';

/** How long a master waits for its run to come, and how long it outlives one that was killed, in seconds. */
const lingerS = 10;

/** Of the user's configuration: what a person's own sessions want and a run's must not have. */
const neverWanted = [
  'ClearAllForwardings=yes',
  'PermitLocalCommand=no',
  'ForwardAgent=no',
  'ForwardX11=no',
  'VisualHostKey=no',
  // A check leaves known_hosts as it is.
  'UpdateHostKeys=no',
] as const;

/** One login, everything decided. */
export interface LoginPlan {
  readonly settings: LoginSettings;
  /** Whether ssh looks for `~` where this program does. */
  readonly ownHome: boolean;
  /** The jump host's master that it goes through; undefined: ssh finds its own way. */
  readonly through: Master | undefined;
}

/** Arguments that make ssh log in and go to the background as a master, which ends soon after the last of its clients. */
export function masterArguments(
  plan: LoginPlan,
  client: string,
  { controlPath, logFile }: { readonly controlPath: string; readonly logFile: string },
): string[] {
  const { settings } = plan;
  const ssh = settings.inventory;
  const user = ssh.user === undefined ? [] : ['-l', ssh.user];
  const port = ssh.port === undefined ? [] : ['-p', String(ssh.port)];
  const { keepaliveCountMax, keepaliveInterval } = keepalive(depthOf(plan.through));
  const options = [
    ...neverWanted,
    ...identityOptions(plan),
    ...knownHostsOptions(plan),
    `StrictHostKeyChecking=${settings.strictHostKeyChecking}`,
    `ConnectTimeout=${Math.ceil(settings.connectTimeoutMs / 1000)}`,
    `ServerAliveInterval=${keepaliveInterval / 1000}`,
    `ServerAliveCountMax=${keepaliveCountMax}`,
    'NumberOfPasswordPrompts=3',
    ...(ssh.password === undefined ? ['PasswordAuthentication=no'] : []),
    ...proxyOptions(plan, client),
    `ControlPersist=${lingerS}`,
  ];
  return [
    ...['-M', '-N', '-T', '-v', '-E', logFile, '-S', controlPath],
    ...user,
    ...port,
    ...options.flatMap((option) => ['-o', option]),
    '--',
    settings.target,
  ];
}

function identityOptions({ ownHome, settings }: LoginPlan): string[] {
  if (settings.inventory.identityFile === undefined && ownHome) return [];
  if (settings.identityFiles.length === 0) return ['IdentityFile=none'];
  return settings.identityFiles.map((file) => `IdentityFile=${quoted(file)}`);
}

function knownHostsOptions({ ownHome, settings }: LoginPlan): string[] {
  if (settings.inventory.knownHostsFile === undefined && ownHome) return [];
  const files = (paths: readonly string[]) => (paths.length === 0 ? 'none' : paths.map(quoted).join(' '));
  return [
    `UserKnownHostsFile=${files(settings.knownHostsFiles)}`,
    `GlobalKnownHostsFile=${files(settings.globalKnownHostsFiles)}`,
  ];
}

function proxyOptions({ settings, through }: LoginPlan, client: string): string[] {
  // The first one that is given wins, over a ProxyJump of the configuration too.
  if (through !== undefined) return [`ProxyCommand=${throughMaster(client, through.controlPath)}`];
  const direct = settings.jump !== undefined || settings.inventory.jump !== undefined;
  return direct ? ['ProxyCommand=none', 'ProxyJump=none'] : [];
}

/** A ProxyCommand that goes through a master: it never falls back to a connection of its own. */
function throughMaster(client: string, controlPath: string): string {
  const words = [client, '-F', 'none', '-o', 'ProxyCommand=false', '-S', literal(controlPath)];
  return `${words.map(shellWord).map(literal).join(' ')} -W [%h]:%p -- jump`;
}

/** A value in which ssh expands nothing. */
function literal(value: string): string {
  return value.replaceAll('%', '%%');
}

/** One word among the several of an option. */
function quoted(path: string): string {
  return `"${literal(path).replaceAll(/[\\"]/g, '\\$&')}"`;
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
