import { access } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
import SSHConfig from 'ssh-config';
import { VantageFailure } from '../model/vantage.js';
import type { LocalUser } from './local-user.js';
import { directiveNames, readConfigText } from './ssh-config-text.js';
import { interpretDirectives, loginDirectives, type SshConfigValues } from './ssh-config-values.js';

/** One `ssh -G` costs about 5 ms of processor time, and small controllers have two processors. */
const clients = pLimit(4);

export interface SshConfigQuery {
  /** What ssh would be given as its destination. */
  readonly target: string;
  readonly user: string | undefined;
  readonly port: number | undefined;
}

/** Reads `~/.ssh/config` and the system's own, once a run; asks `ssh -G` where they say anything about logging in. */
export class SshConfig {
  readonly #local: LocalUser;
  readonly #client: string;
  readonly #answers = new Map<string, Promise<SshConfigValues>>();
  #matters: Promise<boolean> | undefined;
  #clientMissing = false;

  constructor(local: LocalUser, client = 'ssh') {
    this.#local = local;
    this.#client = client;
  }

  /** What the configuration says of one host. Rejects with a {@link VantageFailure} where it cannot be read. */
  async values(query: SshConfigQuery): Promise<SshConfigValues> {
    this.#matters ??= this.#mattersToLogins();
    const matters = await this.#matters;
    const key = JSON.stringify([query.target, query.user, query.port]);
    let answer = this.#answers.get(key);
    if (answer === undefined) {
      answer = matters && !this.#clientMissing ? clients(() => this.#askClient(query)) : this.#compute(query);
      this.#answers.set(key, answer);
    }
    return answer;
  }

  /** What makes the client read the file of this HOME: it takes the home directory from the user database. */
  async clientArguments(): Promise<readonly string[]> {
    if (this.ownHome) return [];
    for (const file of this.#files) {
      if (
        await access(file).then(
          () => true,
          () => false,
        )
      )
        return ['-F', file];
    }
    return ['-F', 'none'];
  }

  /** Whether the client takes the same home directory for `~`. */
  get ownHome(): boolean {
    return this.#local.home === userInfo().homedir;
  }

  get #files(): readonly string[] {
    return [join(this.#local.home, '.ssh', 'config'), '/etc/ssh/ssh_config'];
  }

  /** Debian's own file says nothing of interest, and a thousand hosts would cost five seconds. */
  async #mattersToLogins(): Promise<boolean> {
    const texts = await Promise.all(this.#files.map((file) => readConfigText(file, undefined)));
    return texts.some((text) => directiveNames(text).some((name) => loginDirectives.has(name)));
  }

  async #askClient(query: SshConfigQuery): Promise<SshConfigValues> {
    const { homedir } = userInfo();
    const file = await this.clientArguments();
    const user = query.user === undefined ? [] : ['-l', query.user];
    const port = query.port === undefined ? [] : ['-p', String(query.port)];
    // Loaded where it is used: it costs every other run some 10 ms.
    const { execa } = await import('execa');
    const result = await execa(this.#client, [...file, ...user, ...port, '-G', '--', query.target], {
      reject: false,
      stdin: 'ignore',
      timeout: 10_000,
    });
    if (result.code === 'ENOENT') {
      this.#clientMissing = true;
      return this.#compute(query);
    }
    if (result.exitCode !== 0) {
      const said = (result.stderr || result.shortMessage || '').trim().split('\n').at(-1);
      throw new VantageFailure(
        `"ssh -G ${query.target}" failed: ${said}; ssh would not connect either: mend ~/.ssh/config`,
      );
    }
    const directives = new Map<string, string[]>();
    for (const line of result.stdout.split('\n')) {
      const [, name, value] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
      if (name !== undefined) {
        // The client's own `~` is undone.
        const path = this.ownHome ? value! : value!.replaceAll(`${homedir}/`, '~/');
        directives.set(name, [...(directives.get(name) ?? []), path]);
      }
    }
    return interpretDirectives(directives);
  }

  /** Where no client is installed: OpenSSH's rules by the ssh-config library, the user's file before the system's. */
  async #compute(query: SshConfigQuery): Promise<SshConfigValues> {
    const directives = new Map<string, string[]>();
    for (const file of this.#files) {
      const text = await readConfigText(file, query.target);
      const config = SSHConfig.parse(text);
      const options = { ignoreCase: true, matchExec: false };
      const { target, user } = query;
      const found =
        user === undefined ? config.compute(target, options) : config.compute({ Host: target, User: user }, options);
      for (const [name, value] of Object.entries(found)) {
        const values = Array.isArray(value) ? value : [value];
        if (name === 'identityfile') directives.set(name, [...(directives.get(name) ?? []), ...values]);
        else if (!directives.has(name)) directives.set(name, values);
      }
    }
    const hostname = directives.get('hostname')?.[0];
    if (hostname !== undefined) directives.set('hostname', [hostname.replaceAll('%h', query.target)]);
    return interpretDirectives(directives);
  }
}
