import { readFileSync } from 'node:fs';
import { execa } from 'execa';

export interface KeyPair {
  /** The private key's file; the public one is beside it. */
  readonly file: string;
  /** `ssh-ed25519 AAAA…`, without a comment. */
  readonly publicKey: string;
}

export async function generateKey(file: string): Promise<KeyPair> {
  await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', file]);
  return { file, publicKey: readFileSync(`${file}.pub`, 'utf8').trim() };
}
