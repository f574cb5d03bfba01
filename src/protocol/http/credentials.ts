import type { Materials } from '../../model/dialogue.js';
import { ExpectedError } from '../../model/errors.js';
import type { SecretReference } from '../../model/service.js';
import type { HttpSettings } from './settings.js';

/** The headers of a request that the settings ask for, and what of them nobody may see. */
export interface OwnHeaders {
  readonly headers: ReadonlyMap<string, string>;
  readonly secrets: readonly string[];
}

/** Throws where a secret cannot be sent in a header. */
export function ownHeaders({ headers, authorization }: HttpSettings, materials: Materials): OwnHeaders {
  const secrets: string[] = [];
  const secretOf = (reference: SecretReference): string => {
    const secret = materials.secret(reference);
    if (/[\x00-\x1f\x7f]/.test(secret)) {
      throw new ExpectedError(
        `the value of the environment variable ${reference.env} cannot be sent in a header: it holds a line break or another control character`,
      );
    }
    if (secret !== '') secrets.push(secret);
    return secret;
  };
  const all = new Map<string, string>();
  for (const [name, value] of Object.entries(headers))
    all.set(name, typeof value === 'string' ? value : secretOf(value));
  if (authorization !== undefined) {
    if ('bearer' in authorization) all.set('Authorization', `Bearer ${secretOf(authorization.bearer)}`);
    else {
      const { user, password } = authorization.basic;
      const pair = Buffer.from(`${user}:${secretOf(password)}`, 'utf8').toString('base64');
      secrets.push(pair);
      all.set('Authorization', `Basic ${pair}`);
    }
  }
  return { headers: all, secrets };
}
