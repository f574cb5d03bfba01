/** What ssh's own log (`-v -E FILE`, one `debug1:` line an event) tells of one login. */
export interface LoginLog {
  /** The literal addresses that were tried, in their order. */
  readonly addresses: readonly string[];
  readonly connected: boolean;
  /** The server has said that it speaks SSH. */
  readonly greeted: boolean;
  /** The keys are exchanged, and the host's is accepted. */
  readonly exchanged: boolean;
  /** `ssh-ed25519 key SHA256:…`, as the server presented it. */
  readonly hostKey: string | undefined;
  /** Methods that the server accepts, as it said last. */
  readonly accepted: readonly string[];
  /** One of several proofs that the server wants was taken. */
  readonly partial: boolean;
  /** How often the server has refused one. */
  readonly refusals: number;
  /** What was tried, in words that follow "tried". */
  readonly tried: readonly string[];
  /** What ssh said for a person to read, line by line. */
  readonly messages: readonly string[];
}

/** Reads the log. Never throws: what a release of OpenSSH words differently is left out. */
export function readLoginLog(text: string): LoginLog {
  const lines = text.split(/\r?\n/).filter((line) => line !== '');
  const events = lines.flatMap((line) => /^debug\d: (.*)$/.exec(line)?.[1] ?? []);
  const found = (pattern: RegExp) => events.flatMap((event) => pattern.exec(event)?.[1] ?? []);
  const answers = found(/^Authentications that can continue: (.*)$/);
  const partial = lines.filter((line) => line.includes('with partial success')).length;
  const [, kind, type, fingerprint] =
    events.map((event) => /^Server host (key|certificate): (\S+) (SHA256:[^\s,]+)/.exec(event)).findLast(Boolean) ?? [];
  return {
    addresses: found(/^Connecting to .* \[([^\]]+)\] port \d+\.$/),
    connected: events.includes('Connection established.'),
    greeted: events.some((event) => event.startsWith('Remote protocol version ')),
    exchanged: events.includes('SSH2_MSG_NEWKEYS received'),
    hostKey: type === undefined ? undefined : `${type} ${kind} ${fingerprint}`,
    accepted: answers.at(-1)?.split(',') ?? [],
    partial: partial > 0,
    refusals: answers.length - partial,
    tried: events.flatMap(attempt),
    messages: lines.filter((line) => !/^(?:debug\d: |OpenSSH_\S+.*, )/.test(line)).map((line) => line.trim()),
  };
}

/** One event as an attempt to log in, if it is one. */
function attempt(event: string): string[] {
  const [, key, type, origins] = /^Offering public key: (.*) (\S+) \S+:\S+((?: \w+)*)$/.exec(event) ?? [];
  if (key !== undefined) {
    if (type!.endsWith('-CERT')) return [`the certificate ${key}`];
    return [origins!.includes('agent') && !origins!.includes('explicit') ? `the agent's key ${key}` : `the key ${key}`];
  }
  const [, method] = /^Next authentication method: (gssapi\S*|hostbased)$/.exec(event) ?? [];
  return method === undefined ? [] : [method];
}
