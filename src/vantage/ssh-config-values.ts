import { hostname as localHostname } from 'node:os';
import { join } from 'node:path';
import type { HostKeyChecking } from '../model/inventory.js';
import type { LocalUser } from './local-user.js';

/** What ssh's configuration says of one host. Undefined: nothing, OpenSSH's default holds. */
export interface SshConfigValues {
  readonly hostname: string | undefined;
  readonly port: number | undefined;
  readonly user: string | undefined;
  readonly family: 0 | 4 | 6;
  readonly hostKeyAlias: string | undefined;
  readonly identityFiles: readonly string[] | undefined;
  readonly identitiesOnly: boolean;
  readonly identityAgent: string | undefined;
  readonly knownHostsFiles: readonly string[] | undefined;
  readonly globalKnownHostsFiles: readonly string[] | undefined;
  readonly strictHostKeyChecking: HostKeyChecking | undefined;
  readonly hashKnownHosts: boolean;
  readonly proxyJump: string | undefined;
  /** Expanded, where ssh itself was asked; undefined where connections are not shared. */
  readonly controlPath: string | undefined;
  readonly connectTimeoutMs: number | undefined;
  /** The ways of proving who one is, in their order. */
  readonly authentications: readonly Authentication[];
  /** Directives that change the way to the host and that ssh2 cannot follow. */
  readonly unsupported: readonly string[];
}

const authentications = ['publickey', 'keyboard-interactive', 'password'] as const;
export type Authentication = (typeof authentications)[number];

/** Directives by their name in lower case, as `ssh -G` prints them. */
export type Directives = ReadonlyMap<string, readonly string[]>;

/** Directives that decide how a host is logged in to; a configuration without any of them need not be evaluated. */
export const loginDirectives: ReadonlySet<string> = new Set([
  ...['hostname', 'port', 'user', 'addressfamily', 'hostkeyalias', 'identityfile', 'identitiesonly', 'identityagent'],
  ...['userknownhostsfile', 'globalknownhostsfile', 'stricthostkeychecking', 'proxyjump', 'proxycommand'],
  ...['connecttimeout', 'bindaddress', 'bindinterface', 'revokedhostkeys', 'match', 'canonicalizehostname'],
  ...['preferredauthentications', 'pubkeyauthentication', 'kbdinteractiveauthentication', 'passwordauthentication'],
  ...['challengeresponseauthentication', 'batchmode', 'controlpath'],
]);

/** Ignoring one of these would reach another machine, or trust a key that the user has revoked. */
const unsupportedDirectives: Readonly<Record<string, string>> = {
  proxycommand: 'ProxyCommand',
  bindaddress: 'BindAddress',
  bindinterface: 'BindInterface',
  revokedhostkeys: 'RevokedHostKeys',
};

/** OpenSSH's own list, which `ssh -G` prints where nothing is configured. */
const builtInIdentity = /^~\/\.ssh\/id_(?:rsa|ecdsa|ecdsa_sk|ed25519|ed25519_sk|xmss|dsa)$/;

function isBuiltIn(files: readonly string[] | undefined): boolean {
  return files !== undefined && files.length > 0 && files.every((file) => builtInIdentity.test(file));
}

/** Reads directives, whether `ssh -G` printed them or the parser computed them. */
export function interpretDirectives(directives: Directives): SshConfigValues {
  const first = (name: string) => {
    const value = directives.get(name)?.[0];
    return value === undefined || value.toLowerCase() === 'none' ? undefined : value;
  };
  const words = (name: string) => directives.get(name)?.flatMap((value) => value.split(/\s+/).map(unquote));
  const yes = (name: string) => ['yes', 'true'].includes(first(name)?.toLowerCase() ?? '');
  const identityFiles = directives
    .get('identityfile')
    ?.map(unquote)
    .filter((file) => file.toLowerCase() !== 'none');
  const timeout = Number(first('connecttimeout'));
  return {
    hostname: first('hostname'),
    port: first('port') === undefined ? undefined : Number(first('port')),
    user: first('user'),
    family: ({ inet: 4, inet6: 6 } as const)[first('addressfamily')?.toLowerCase() ?? ''] ?? 0,
    hostKeyAlias: first('hostkeyalias'),
    identityFiles: isBuiltIn(identityFiles) ? undefined : identityFiles,
    identitiesOnly: yes('identitiesonly'),
    identityAgent: identityAgent(directives.get('identityagent')?.[0]),
    knownHostsFiles: words('userknownhostsfile'),
    globalKnownHostsFiles: words('globalknownhostsfile'),
    strictHostKeyChecking: hostKeyChecking(first('stricthostkeychecking')?.toLowerCase()),
    hashKnownHosts: yes('hashknownhosts'),
    proxyJump: first('proxyjump'),
    controlPath: first('controlpath'),
    connectTimeoutMs: timeout > 0 ? timeout * 1000 : undefined,
    authentications: authenticationsOf(first),
    unsupported: Object.keys(unsupportedDirectives)
      .filter((name) => first(name) !== undefined)
      .map((name) => unsupportedDirectives[name]!),
  };
}

const switches: Readonly<Record<Authentication, readonly string[]>> = {
  publickey: ['pubkeyauthentication'],
  'keyboard-interactive': ['kbdinteractiveauthentication', 'challengeresponseauthentication'],
  password: ['passwordauthentication'],
};

/** PreferredAuthentications gives the order; what is switched off, or would ask somebody in BatchMode, is left out. */
function authenticationsOf(first: (name: string) => string | undefined): readonly Authentication[] {
  const is = (name: string, value: string) => first(name)?.toLowerCase() === value;
  const wanted = first('preferredauthentications')?.toLowerCase().split(',') ?? authentications;
  return wanted
    .map((name) => name.trim())
    .filter((name): name is Authentication => (authentications as readonly string[]).includes(name))
    .filter((name) => !switches[name].some((option) => is(option, 'no') || is(option, 'false')))
    .filter((name) => name === 'publickey' || !is('batchmode', 'yes'));
}

/** `none` is a value of its own here; `SSH_AUTH_SOCK` and `$NAME` name environment variables. */
function identityAgent(value: string | undefined): string | undefined {
  if (value === undefined || value === 'SSH_AUTH_SOCK') return undefined;
  const variable = /^\$(\w+)$/.exec(unquote(value));
  return variable === null ? unquote(value) : `\${${variable[1]}}`;
}

/** `ask`, ssh's default, asks a person; here nobody sits beside a thousand logins, so it is as strict as `yes`. */
function hostKeyChecking(value: string | undefined): HostKeyChecking | undefined {
  if (value === undefined || value === 'ask') return undefined;
  if (value === 'accept-new') return value;
  return ['no', 'off', 'false'].includes(value) ? 'no' : 'yes';
}

function unquote(value: string): string {
  return value.replace(/^"(.*)"$/, '$1');
}

/** Expands `~`, `${NAME}` and the percent tokens of ssh_config(5) in a path. */
export function expandTokens(
  path: string,
  target: { readonly hostname: string; readonly target: string; readonly port: number; readonly user: string },
  local: LocalUser,
): string {
  const tokens: Record<string, string> = {
    '%': '%',
    d: local.home,
    h: target.hostname,
    l: localHostname(),
    n: target.target,
    p: String(target.port),
    r: target.user,
    u: local.name,
  };
  const expanded = path
    .replace(/\$\{(\w+)\}/g, (_, name: string) => local.environment[name] ?? '')
    .replace(/%(.)/g, (whole, token: string) => tokens[token] ?? whole);
  return expanded === '~' || expanded.startsWith('~/') ? join(local.home, expanded.slice(1)) : expanded;
}
