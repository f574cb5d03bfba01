import type { Host, SshSettings } from '../model/inventory.js';
import { type JumpText, parseJump } from '../model/jump.js';
import { VantageFailure } from '../model/vantage.js';
import { type LoginSettings, loginTarget } from './login-settings.js';
import { list, place } from './sentences.js';

/** Whom a jump host's name stands for. */
export interface JumpLogin {
  readonly name: string;
  readonly target: string;
  readonly ssh: SshSettings;
}

/** A jump host on a way. */
export interface JumpHost {
  readonly settings: LoginSettings;
  /** The same for the same host by the same way, however it was written: they share one connection. */
  readonly key: string;
}

/** The jump hosts of a host, the one that is logged in to first first; empty: it is reached directly. */
export type JumpWay = readonly JumpHost[];

export interface JumpLookup {
  readonly hosts: ReadonlyMap<string, Host>;
  /** Everything that the inventory and ssh's configuration say of one login. */
  settingsOf(login: JumpLogin): Promise<LoginSettings>;
}

/** Who is meant by the parts of a jump: hosts of the inventory, or `[user@]host[:port]` as ssh's ProxyJump takes them. */
export function jumpLogins(jump: string, hosts: ReadonlyMap<string, Host>): readonly JumpLogin[] {
  const parts = parseJump(jump);
  if (parts === undefined) {
    throw new VantageFailure(
      `"${jump}" is no jump: expected hosts of the inventory or [user@]host[:port], separated by commas`,
    );
  }
  return parts.map((part) => jumpLogin(part, hosts));
}

function jumpLogin({ host: target, port, text, user }: JumpText, hosts: ReadonlyMap<string, Host>): JumpLogin {
  const host = hosts.get(text);
  if (host !== undefined) return { name: host.name, target: loginTarget(host), ssh: host.ssh };
  return {
    name: text,
    target,
    ssh: { ...(user === undefined ? {} : { user }), ...(port === undefined ? {} : { port }) },
  };
}

/**
 * Finds the way to a host as ssh would: of several jump hosts the first is reached by its own way, each other through
 * the one before it. Rejects with a {@link VantageFailure}.
 */
export async function jumpWay(settings: LoginSettings, lookup: JumpLookup): Promise<JumpWay> {
  try {
    return await wayOf(settings, lookup, []);
  } catch (error) {
    if (!(error instanceof VantageFailure)) throw error;
    throw new VantageFailure(`cannot log in to ${place(settings)}: ${error.message}`);
  }
}

async function wayOf(settings: LoginSettings, lookup: JumpLookup, behind: readonly LoginSettings[]): Promise<JumpWay> {
  if (settings.jump === undefined) return [];
  const logins = jumpLogins(settings.jump, lookup.hosts);
  const steps = await Promise.all(
    logins.map((login, index) => {
      const before = logins[index - 1]?.name;
      // Its own jump does not hold where the way to it is written.
      return lookup.settingsOf(before === undefined ? login : { ...login, ssh: { ...login.ssh, jump: before } });
    }),
  );
  // A jump that holds for every host holds for its own jump hosts only as far as it leads to them.
  const own = steps.findIndex((step) => sameLogin(step, settings));
  const way = own === -1 ? steps : steps.slice(0, own);
  const [first, ...others] = way;
  if (first === undefined) return [];
  const circle = behind.findIndex((one) => sameLogin(one, first));
  if (circle !== -1) throw circleFailure([...behind.slice(circle), settings]);
  const toFirst = await wayOf(first, lookup, [...behind, settings]);
  return [first, ...others].reduce((before, step) => continued(before, step, lookup.hosts), toFirst);
}

/** A way with one more jump host at its end. */
export function continued(way: JumpWay, settings: LoginSettings, hosts: ReadonlyMap<string, Host>): JumpWay {
  // Hosts of the inventory may differ in more than the place: in how their key is checked, for one.
  const identity = hosts.has(settings.host) ? settings.host : place({ ...settings, host: '' });
  return [...way, { settings, key: `${way.at(-1)?.key ?? ''} > ${identity}` }];
}

/** The hosts of an inventory that its other hosts are behind. */
export function jumpNamesOf(hosts: Iterable<Host>): ReadonlySet<string> {
  const jumps = [...hosts].flatMap(({ ssh }) => (ssh.jump === undefined ? [] : [ssh.jump]));
  return new Set([...new Set(jumps)].flatMap((jump) => parseJump(jump)?.map(({ text }) => text) ?? []));
}

function sameLogin(one: LoginSettings, other: LoginSettings): boolean {
  return one.hostname === other.hostname && one.port === other.port && one.user === other.user;
}

function circleFailure(circle: readonly LoginSettings[]): VantageFailure {
  const steps = circle.map(({ host }, index) => `${host} is behind ${circle[(index + 1) % circle.length]!.host}`);
  return new VantageFailure(
    `its jump hosts are a circle: ${list(steps)}; mend "jump" in the inventory, or ProxyJump in ~/.ssh/config`,
  );
}
