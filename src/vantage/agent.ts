import ssh2, { type ParsedKey, type SignCallback, type SigningRequestOptions } from 'ssh2';
import type { Identity } from './identities.js';

const { BaseAgent, createAgent } = ssh2;

/** Keys of an agent, or why it has none to give. */
export type AgentKeys = { readonly identities: readonly Identity[] } | { readonly missing: string };

/** Lists the keys of the agent behind a socket. Never rejects. */
export function listAgent(socket: string): Promise<AgentKeys> {
  const agent = createAgent(socket);
  return new Promise((resolve) => {
    agent.getIdentities((error, keys) => {
      if (error) {
        resolve({ missing: `the agent at ${socket} does not answer (${error.message})` });
        return;
      }
      const parsed = ((keys ?? []) as ParsedKey[]).filter((key) => typeof key.getPublicSSH === 'function');
      resolve({
        identities: parsed.map((key) => ({
          description: `the agent's key ${key.comment || key.type}`,
          publicKey: key,
          sign: (data, hash) => signByAgent(agent, key, data, hash),
        })),
      });
    });
  });
}

function signByAgent(agent: ssh2.BaseAgent, key: ParsedKey, data: Buffer, hash: string | undefined): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = (hash === undefined ? {} : { hash }) as SigningRequestOptions;
    agent.sign(key, data, options, (error, signature) => {
      if (signature !== undefined && !error) resolve(signature);
      else reject(error ?? new Error('the agent gave no signature'));
    });
  });
}

/**
 * One identity in the shape in which ssh2 asks for signatures asynchronously: its own way of using a key file wants the
 * passphrase before the server has said whether it would accept the key.
 */
export class SingleIdentityAgent extends BaseAgent<ParsedKey> {
  readonly #identity: Identity;
  readonly #onFailure: (reason: string) => void;

  constructor(identity: Identity, onFailure: (reason: string) => void) {
    super();
    this.#identity = identity;
    this.#onFailure = onFailure;
  }

  override getIdentities(callback: (error?: Error | null, keys?: ParsedKey[]) => void): void {
    callback(null, [this.#identity.publicKey]);
  }

  override sign(
    _key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    callback?: SignCallback,
  ): void {
    const done = typeof options === 'function' ? options : callback!;
    const hash = typeof options === 'function' ? undefined : (options as { hash?: string }).hash;
    this.#identity.sign(data, hash).then(
      (signature) => done(null, signature),
      (error: Error) => {
        this.#onFailure(error.message);
        done(error);
      },
    );
  }
}
