/** One jump host as it is written, `[user@]host[:port]`; a host of the inventory is its name alone. */
export interface JumpText {
  readonly text: string;
  readonly user: string | undefined;
  readonly host: string;
  readonly port: number | undefined;
}

const oneJump =
  /^(?:ssh:\/\/)?(?:([^@\s]+)@)?(?:\[([^\][\s]+)\]|([^:@[\]\s]+|[0-9a-fA-F:]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(?:%\w+)?))(?::(\d{1,5}))?$/;

/**
 * Reads a jump as ssh's ProxyJump takes it: the way's hosts, the first one to log in to first, separated by commas;
 * `none` is the direct way. Undefined where a part of it is no jump host.
 */
export function parseJump(jump: string): readonly JumpText[] | undefined {
  if (jump.toLowerCase() === 'none') return [];
  const parts = jump.split(',').map((text): JumpText | undefined => {
    const [whole, user, bracketed, plain, portText] = oneJump.exec(text) ?? [];
    const port = portText === undefined ? undefined : Number(portText);
    if (whole === undefined || (port !== undefined && (port < 1 || port > 65535))) return undefined;
    return { text, user, host: bracketed ?? plain!, port };
  });
  return parts.every((part) => part !== undefined) ? parts : undefined;
}

/** The part of a way that leads to one of its own jump hosts; undefined where that one is reached directly. */
export function wayBefore(jump: string | undefined, name: string): string | undefined {
  const parts = jump?.split(',') ?? [];
  const own = parts.indexOf(name);
  return own === -1 ? jump : parts.slice(0, own).join(',') || undefined;
}
