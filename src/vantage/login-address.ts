import { ADDRCONFIG } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { VantageFailure } from '../model/vantage.js';
import { abortable } from '../remote-program/abortable.js';
import type { LoginSettings } from './login-settings.js';
import { place } from './sentences.js';

/**
 * The addresses that a login may go to, in the order of the resolver of this machine (RFC 6724), each once. Rejects with a
 * {@link VantageFailure}, or with the signal's reason.
 */
export async function loginAddresses(settings: LoginSettings, signal: AbortSignal): Promise<readonly string[]> {
  const seconds = settings.connectTimeoutMs / 1000;
  const late = AbortSignal.timeout(settings.connectTimeoutMs);
  try {
    return await abortable(resolve(settings), AbortSignal.any([signal, late]));
  } catch (error) {
    if (signal.aborted) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const why =
      error === late.reason
        ? `its name could not be resolved within ${seconds} s; set ssh.host to an address`
        : (nameMeanings[code ?? ''] ?? (error as Error).message);
    throw new VantageFailure(`cannot log in to ${place(settings)}: ${why}`);
  }
}

/** What a name that this machine cannot resolve means. */
export const nameMeanings: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its name does not resolve on this machine; set ssh.host to an address',
  EAI_AGAIN: 'its name could not be resolved, the name server does not answer; set ssh.host to an address',
};

async function resolve({ family, hostname }: LoginSettings): Promise<readonly string[]> {
  const options = { all: true, family, order: 'verbatim' } as const;
  let found: readonly { readonly address: string }[];
  try {
    found = await lookup(hostname, { ...options, hints: ADDRCONFIG });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOTFOUND') throw error;
    // It may have addresses of a family that this machine lacks: then the connect says so, and not that it has no name.
    found = await lookup(hostname, options);
  }
  return [...new Set(found.map(({ address }) => address))];
}
