import type { Host, SshSettings } from '../model/inventory.js';
import { VantageFailure } from '../model/vantage.js';
import { loginTarget } from './login-settings.js';

export interface JumpLogin {
  readonly name: string;
  readonly target: string;
  readonly ssh: SshSettings;
}

/** Who is meant by a jump: a host of the inventory, or `[user@]host[:port]` as ssh's ProxyJump takes it. */
export function jumpLogin(jump: string, hosts: ReadonlyMap<string, Host>): JumpLogin {
  const host = hosts.get(jump);
  if (host !== undefined) return { name: host.name, target: loginTarget(host), ssh: host.ssh };
  if (jump.includes(',')) {
    throw new VantageFailure(
      `"${jump}" names several jump hosts; chains of jump hosts are not available in this version: name one`,
    );
  }
  const match =
    /^(?:ssh:\/\/)?(?:([^@]+)@)?(?:\[([^\]]+)\]|([^:[\]]+|[0-9a-fA-F:]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*))(?::(\d+))?$/.exec(
      jump,
    );
  const target = match?.[2] ?? match?.[3];
  const port = match?.[4] === undefined ? undefined : Number(match[4]);
  if (match === null || target === undefined || (port !== undefined && (port < 1 || port > 65535))) {
    throw new VantageFailure(`"${jump}" is no jump host: expected a host of the inventory or [user@]host[:port]`);
  }
  const user = match[1];
  return {
    name: jump,
    target,
    ssh: { ...(user === undefined ? {} : { user }), ...(port === undefined ? {} : { port }) },
  };
}
