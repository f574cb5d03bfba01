import { type AgentKeys, listAgent } from './agent.js';
import { type Identity, IdentityFiles } from './identities.js';
import type { LoginSettings } from './login-settings.js';
import type { Secrets } from './secrets.js';

/** The keys of a run: those of files and those of agents, in the order in which a login offers them. */
export class Keyring {
  readonly #files: IdentityFiles;
  readonly #agents = new Map<string, Promise<AgentKeys>>();

  constructor(secrets: Secrets) {
    this.#files = new IdentityFiles(secrets);
  }

  /**
   * What to offer to one host; `notes` receives why something is missing. Keys that the settings name come first: a host
   * gives up after MaxAuthTries, and an agent may hold many.
   */
  async identities(settings: LoginSettings, notes: string[]): Promise<readonly Identity[]> {
    const agent = settings.agentSocket === undefined ? undefined : await this.#agent(settings.agentSocket);
    const held = agent !== undefined && 'identities' in agent ? agent.identities : [];
    const files = await Promise.all(settings.identityFiles.map((file) => this.#files.load(file, settings.passphrase)));
    const named: Identity[] = [];
    for (const file of files) {
      if (typeof file !== 'string') named.push(held.find((identity) => same(identity, file)) ?? file);
      else if (settings.identityFilesNamed) notes.push(`no key, because ${file}`);
    }
    if (agent === undefined) notes.push('no agent, because none is running');
    else if ('missing' in agent) notes.push(`no agent, because ${agent.missing}`);
    else if (held.length === 0) notes.push('an agent that holds no keys');
    if (settings.identitiesOnly) return named;
    const others = held.filter((identity) => !named.some((one) => same(one, identity)));
    return settings.identityFilesNamed ? [...named, ...others] : [...others, ...named];
  }

  #agent(socket: string): Promise<AgentKeys> {
    let keys = this.#agents.get(socket);
    if (keys === undefined) {
      keys = listAgent(socket);
      this.#agents.set(socket, keys);
    }
    return keys;
  }
}

function same(one: Identity, other: Identity): boolean {
  return one.publicKey.getPublicSSH().equals(other.publicKey.getPublicSSH());
}
