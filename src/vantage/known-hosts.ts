import { createHash, createHmac, randomBytes } from 'node:crypto';

// The format is sshd(8)'s, "SSH_KNOWN_HOSTS FILE FORMAT". Pure: reading and writing files is host-key-files.ts.

/** One line of a known_hosts file. */
export interface KnownHostsEntry {
  readonly marker: 'revoked' | 'cert-authority' | undefined;
  /** The first field: patterns separated by commas, or one hashed name. */
  readonly hosts: string;
  /** `ssh-ed25519`. */
  readonly keyType: string;
  /** In base64, as the file has it. */
  readonly key: string;
  readonly file: string;
  readonly line: number;
}

/** What known_hosts says of the key a host presented. */
export type HostKeyJudgement =
  | { readonly kind: 'known' }
  | { readonly kind: 'revoked'; readonly entry: KnownHostsEntry }
  | { readonly kind: 'changed'; readonly entry: KnownHostsEntry }
  /** No plain key matches, but an authority is trusted for the host, which ssh2 cannot ask for a certificate. */
  | { readonly kind: 'certificate'; readonly entry: KnownHostsEntry }
  | { readonly kind: 'unknown' };

/** Reads a file's text. Lines that are not entries are passed over, as ssh does. */
export function parseKnownHosts(text: string, file: string): readonly KnownHostsEntry[] {
  const entries: KnownHostsEntry[] = [];
  for (const [index, content] of text.split('\n').entries()) {
    const match = /^\s*(?:@(revoked|cert-authority)\s+)?([^#@\s]\S*)\s+([a-z]\S*)\s+([A-Za-z0-9+/]+=*)(?:\s|$)/.exec(
      content,
    );
    if (match === null) continue;
    const [, marker, hosts, keyType, key] = match;
    entries.push({
      marker: marker as KnownHostsEntry['marker'],
      hosts: hosts!,
      keyType: keyType!,
      key: key!,
      file,
      line: index + 1,
    });
  }
  return entries;
}

/** The name under which ssh keeps a host: `10.0.0.5`, or `[10.0.0.5]:2222` for another port than 22. */
export function knownHostsName(host: string, port: number): string {
  const name = host.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

/** Whether the first field of an entry speaks of `name` (see {@link knownHostsName}). */
export function matchesName(hosts: string, name: string): boolean {
  if (hosts.startsWith('|')) return hashName(name, hosts.split('|')[2] ?? '') === hosts;
  let matched = false;
  for (const pattern of hosts.split(',')) {
    const negated = pattern.startsWith('!');
    if (!globExpression(negated ? pattern.slice(1) : pattern).test(name)) continue;
    if (negated) return false;
    matched = true;
  }
  return matched;
}

function globExpression(pattern: string): RegExp {
  const escaped = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${escaped}$`, 'i');
}

/** A hashed name, `|1|salt|hash`, as `HashKnownHosts yes` writes it. */
export function hashName(name: string, salt: string = randomBytes(20).toString('base64')): string {
  const hash = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64');
  return `|1|${salt}|${hash}`;
}

/**
 * Judges the key that a host presented by the entries that match its name. A revoked key is refused whatever else is
 * written; of the rest, a key that is listed is known.
 */
export function judgeHostKey(entries: readonly KnownHostsEntry[], key: Buffer): HostKeyJudgement {
  const presented = key.toString('base64');
  const type = hostKeyType(key);
  const same = (entry: KnownHostsEntry) => entry.key === presented;
  const revoked = entries.find((entry) => entry.marker === 'revoked' && same(entry));
  if (revoked !== undefined) return { kind: 'revoked', entry: revoked };
  const plain = entries.filter((entry) => entry.marker === undefined);
  if (plain.some(same)) return { kind: 'known' };
  const changed = plain.find((entry) => entry.keyType === type);
  if (changed !== undefined) return { kind: 'changed', entry: changed };
  const authority = entries.find((entry) => entry.marker === 'cert-authority');
  if (authority !== undefined) return { kind: 'certificate', entry: authority };
  // A key of another type is not the known key either: ssh calls that changed too.
  const [other] = plain;
  return other === undefined ? { kind: 'unknown' } : { kind: 'changed', entry: other };
}

/** The type that a key in SSH's binary form states: its first string. */
export function hostKeyType(key: Buffer): string {
  return key.length < 4 ? '' : key.toString('latin1', 4, 4 + key.readUInt32BE(0));
}

/** `SHA256:…`, as ssh-keygen -l prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

const offeredAlgorithms = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
] as const;

/** The algorithms to offer: those of the keys that known_hosts holds come first, or a good key would look unknown. */
export function hostKeyAlgorithms(entries: readonly KnownHostsEntry[]): (typeof offeredAlgorithms)[number][] {
  const types = new Set(entries.filter((entry) => entry.marker === undefined).map((entry) => entry.keyType));
  const known = (algorithm: string) => types.has(algorithm.startsWith('rsa-') ? 'ssh-rsa' : algorithm);
  return [...offeredAlgorithms.filter(known), ...offeredAlgorithms.filter((algorithm) => !known(algorithm))];
}
