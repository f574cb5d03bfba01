import { readFile } from 'node:fs/promises';
import ssh2, { type ParsedKey } from 'ssh2';
import type { SecretSource } from '../model/inventory.js';
import type { Secrets } from './secrets.js';

const { utils } = ssh2;

/** A key pair that can be offered: whether a file or an agent holds it makes no difference to a login. */
export interface Identity {
  /** `the key ~/.ssh/id_ed25519`. */
  readonly description: string;
  readonly publicKey: ParsedKey;
  /** Rejects with a sentence where the private half cannot be had. */
  sign(data: Buffer, hash: string | undefined): Promise<Buffer>;
}

/** As ssh gives a person. */
const passphraseTries = 3;

/** The identity files of a run, each read and each passphrase asked for once. */
export class IdentityFiles {
  readonly #secrets: Secrets;
  readonly #loaded = new Map<string, Promise<Identity | string>>();

  constructor(secrets: Secrets) {
    this.#secrets = secrets;
  }

  /** The identity in a file; a string says why it cannot be used. */
  load(file: string, passphrase: SecretSource | undefined): Promise<Identity | string> {
    const topic = JSON.stringify([file, passphrase]);
    let identity = this.#loaded.get(topic);
    if (identity === undefined) {
      identity = this.#load(file, passphrase);
      this.#loaded.set(topic, identity);
    }
    return identity;
  }

  async #load(file: string, passphrase: SecretSource | undefined): Promise<Identity | string> {
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ENOENT' ? `${file} does not exist` : `${file} cannot be read`;
    }
    const description = `the key ${file}`;
    const key = parse(text);
    if (!(key instanceof Error)) {
      if (!key.isPrivateKey()) return `${file} holds no private key`;
      return { description, publicKey: key, sign: async (data, hash) => key.sign(data, hash) };
    }
    if (!/encrypted|passphrase/i.test(key.message)) {
      return `${file} is not a key that ssh2 can use (${key.message}); FIDO keys and certificates need "transport": "openssh" for this host`;
    }
    let unlocked: Promise<ParsedKey> | undefined;
    const unlock = () => {
      unlocked ??= this.#unlock(file, text, passphrase);
      return unlocked;
    };
    try {
      const publicKey = (await publicHalf(file, text)) ?? (await unlock());
      return { description, publicKey, sign: async (data, hash) => (await unlock()).sign(data, hash) };
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  async #unlock(file: string, text: string, passphrase: SecretSource | undefined): Promise<ParsedKey> {
    const source = passphrase ?? 'prompt';
    const topic = `passphrase of ${file}`;
    for (let tries = 0; tries < passphraseTries; tries += 1) {
      const again = tries === 0 ? '' : ' (the last one does not open it)';
      const secret = await this.#secrets.obtain(topic, source, `Passphrase of ${file}${again}: `);
      if ('missing' in secret) throw new Error(`${file} is encrypted and ${secret.missing}`);
      const key = parse(text, secret.value);
      if (!(key instanceof Error)) return key;
      if (source !== 'prompt')
        throw new Error(`${file} is encrypted and the passphrase in ${source.env} does not open it`);
      await this.#secrets.forget(topic, secret.value);
    }
    throw new Error(`${file} is encrypted and none of the passphrases given opens it`);
  }
}

/** The public half of an encrypted key: only a key that the host accepts is worth asking a passphrase for. */
async function publicHalf(file: string, text: string): Promise<ParsedKey | undefined> {
  const inside = publicBlob(text);
  if (inside !== undefined) return usable(inside);
  const beside = await readFile(`${file}.pub`, 'utf8').catch(() => undefined);
  return beside === undefined ? undefined : usable(beside);
}

/** OpenSSH's own format keeps the public half in the clear: PROTOCOL.key of its source. */
function publicBlob(text: string): Buffer | undefined {
  const base64 = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END/.exec(text)?.[1];
  if (base64 === undefined) return undefined;
  const data = Buffer.from(base64, 'base64');
  let offset = 'openssh-key-v1\0'.length;
  const string = () => {
    const end = offset + 4 + data.readUInt32BE(offset);
    const value = data.subarray(offset + 4, end);
    offset = end;
    return value;
  };
  try {
    for (const _ of ['cipher', 'kdf', 'kdf options']) string();
    offset += 4;
    return string();
  } catch {
    return undefined;
  }
}

function usable(key: Buffer | string): ParsedKey | undefined {
  const parsed = parse(key);
  return parsed instanceof Error ? undefined : parsed;
}

function parse(key: Buffer | string, passphrase?: string): ParsedKey | Error {
  const parsed = utils.parseKey(key, passphrase);
  return Array.isArray(parsed) ? parsed[0]! : parsed;
}
