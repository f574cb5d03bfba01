import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import ssh2, { type AuthContext, type Connection } from 'ssh2';
import type { Host, SshSettings } from '#src/model/inventory.js';
import { makeKey } from '../lab/sshd.js';
import { folderFor, host } from './fixtures.js';

export interface SshServerOptions {
  readonly password?: string;
  /** Prompts of keyboard-interactive, and their right answers. */
  readonly prompts?: Readonly<Record<string, string>>;
  /** A key is wanted first. */
  readonly key?: boolean;
  readonly onReady?: (connection: Connection) => void;
}

/** ssh2's own server, for logins that sshd without PAM cannot have. */
export interface SshServer {
  readonly port: number;
  readonly knownHostsFile: string;
  readonly identityFile: string;
  /** Every password that was sent. */
  readonly passwords: string[];
}

export async function sshServer(t: ExecutionContext, options: SshServerOptions): Promise<SshServer> {
  const folder = folderFor(t);
  const hostKey = makeKey(join(folder, 'host'), 'ecdsa');
  const identityFile = join(folder, 'id');
  makeKey(identityFile);
  const passwords: string[] = [];
  const server = new ssh2.Server({ hostKeys: [readFileSync(join(folder, 'host'))] }, (connection) => {
    let keyed = options.key !== true;
    connection.on('error', () => {});
    connection.on('ready', () => options.onReady?.(connection));
    connection.on('authentication', (login: AuthContext) => {
      const next = options.prompts === undefined ? 'password' : 'keyboard-interactive';
      if (login.method === 'publickey' && options.key === true) {
        keyed = login.signature !== undefined;
        if (keyed) login.reject([next], true);
        else login.accept();
      } else if (login.method === 'password' && keyed && options.password !== undefined) {
        passwords.push(login.password);
        if (login.password === options.password) login.accept();
        else login.reject(['publickey', 'password']);
      } else if (login.method === 'keyboard-interactive' && keyed && options.prompts !== undefined) {
        const { prompts } = options;
        login.prompt(
          Object.keys(prompts).map((prompt) => ({ prompt, echo: false })),
          (answers) => {
            if (Object.values(prompts).every((right, index) => answers[index] === right)) login.accept();
            else login.reject(['keyboard-interactive']);
          },
        );
      } else if (!keyed) login.reject(['publickey']);
      else login.reject(next === 'password' ? ['publickey', 'password'] : ['keyboard-interactive']);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const knownHostsFile = join(folder, 'known_hosts');
  writeFileSync(knownHostsFile, `[127.0.0.1]:${port} ${hostKey}\n`);
  return { port, knownHostsFile, identityFile, passwords };
}

export function hostOfServer(server: SshServer, more: SshSettings = {}): Host {
  const ssh = { port: server.port, user: 'ops', identityFile: [], knownHostsFile: [server.knownHostsFile], ...more };
  return host('n11', '127.0.0.1', ssh);
}
