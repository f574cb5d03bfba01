import { appendFile, mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  hashName,
  hostKeyType,
  type KnownHostsEntry,
  knownHostsName,
  matchesName,
  parseKnownHosts,
} from './known-hosts.js';
import type { LoginSettings } from './login-settings.js';

/** The known_hosts files of a run: each is read once, and what is learnt meanwhile is remembered. */
export class HostKeyFiles {
  readonly #files = new Map<string, Promise<readonly KnownHostsEntry[]>>();
  readonly #matches = new Map<string, readonly KnownHostsEntry[]>();
  readonly #learnt: { readonly file: string; readonly name: string; readonly entry: KnownHostsEntry }[] = [];
  #writing: Promise<void> = Promise.resolve();

  /** The entries that speak of a host, those of its address and port before those of the address alone. */
  async entries(
    settings: LoginSettings,
  ): Promise<{ readonly exact: KnownHostsEntry[]; readonly host: KnownHostsEntry[] }> {
    const files = [...settings.knownHostsFiles, ...settings.globalKnownHostsFiles];
    const all = (await Promise.all(files.map((file) => this.#read(file)))).flat();
    const name = nameOf(settings);
    const speakingOf = (wanted: string) => [
      ...this.#matching(all, files, wanted),
      ...this.#learnt.filter((one) => files.includes(one.file) && one.name === wanted).map((one) => one.entry),
    ];
    // As ssh does, a key kept for the address without a port is good for another port, but never a reason to refuse.
    const bare =
      settings.hostKeyAlias === undefined && settings.port !== 22 ? speakingOf(settings.hostname.toLowerCase()) : [];
    return { exact: speakingOf(name), host: bare };
  }

  /**
   * Appends a key to the user's file as ssh would: one write, so that two runs never mix their lines. Returns the file, or
   * undefined where the key is there already.
   */
  async add(settings: LoginSettings, key: Buffer): Promise<string | undefined> {
    const file = settings.knownHostsFiles[0]!;
    const name = nameOf(settings);
    const entry: KnownHostsEntry = {
      marker: undefined,
      hosts: settings.hashKnownHosts ? hashName(name) : name,
      keyType: hostKeyType(key),
      key: key.toString('base64'),
      file,
      line: 0,
    };
    if (this.#learnt.some((one) => one.file === file && one.name === name && one.entry.key === entry.key))
      return undefined;
    this.#learnt.push({ file, name, entry });
    const line = `${entry.hosts} ${entry.keyType} ${entry.key}\n`;
    const written = this.#writing.then(() => appendLine(file, line));
    this.#writing = written.catch(() => {});
    await written;
    return file;
  }

  /** A hashed line costs an HMAC for each name it is held against: each name is looked up once. */
  #matching(entries: readonly KnownHostsEntry[], files: readonly string[], name: string): readonly KnownHostsEntry[] {
    const key = JSON.stringify([name, ...files]);
    let matching = this.#matches.get(key);
    if (matching === undefined) {
      matching = entries.filter((entry) => matchesName(entry.hosts, name));
      this.#matches.set(key, matching);
    }
    return matching;
  }

  #read(file: string): Promise<readonly KnownHostsEntry[]> {
    let entries = this.#files.get(file);
    if (entries === undefined) {
      entries = readFile(file, 'utf8')
        .catch(() => '')
        .then((text) => parseKnownHosts(text, file));
      this.#files.set(file, entries);
    }
    return entries;
  }
}

/** The name that known_hosts keeps a host under. */
export function nameOf(settings: Pick<LoginSettings, 'hostKeyAlias' | 'hostname' | 'port'>): string {
  return settings.hostKeyAlias?.toLowerCase() ?? knownHostsName(settings.hostname, settings.port);
}

async function appendLine(file: string, line: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await appendFile(file, (await endsInLine(file)) ? line : `\n${line}`, { mode: 0o600 });
}

async function endsInLine(file: string): Promise<boolean> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (handle === undefined) return true;
  try {
    const { size } = await handle.stat();
    if (size === 0) return true;
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
    return buffer[0] === 0x0a;
  } finally {
    await handle.close();
  }
}
