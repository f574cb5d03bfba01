import type { ExecutionContext } from 'ava';
import type { Host, SshSettings } from '#src/model/inventory.js';
import type { TransportContext } from '#src/model/vantage.js';
import { missingSshd, type Sshd, type SshdOptions, startSshd } from '../lab/sshd.js';

/** A host of an inventory, with nothing to say but how to log in to it. */
export function host(
  name: string,
  address: string,
  ssh: SshSettings = {},
  transport: Host['transport'] = 'ssh2',
): Host {
  return {
    kind: 'host',
    name,
    address,
    addresses: new Map(),
    roles: [],
    cluster: undefined,
    ports: new Map(),
    facts: new Map(),
    transport,
    ssh,
    sudo: false,
  };
}

/** How to log in to an sshd of the fixture. */
export function login(sshd: Sshd, more: SshSettings = {}): SshSettings {
  return {
    port: sshd.port,
    user: sshd.user,
    identityFile: [sshd.identityFile],
    knownHostsFile: [sshd.knownHostsFile],
    ...more,
  };
}

export function hostOf(sshd: Sshd, more: SshSettings = {}, name = 'n11'): Host {
  return host(name, sshd.address, login(sshd, more));
}

/** A context in which nobody sits at a terminal, and which keeps the warnings. */
export function context(more: Partial<TransportContext> = {}): TransportContext & { readonly warnings: string[] } {
  const warnings: string[] = [];
  return {
    hosts: new Map(),
    environment: { HOME: '/nonexistent' },
    ask: async () => undefined,
    warn: (sentence) => warnings.push(sentence),
    ...more,
    warnings,
  };
}

/** An sshd for one test; undefined, said aloud, where there can be none. */
export async function sshdFor(t: ExecutionContext, options?: SshdOptions): Promise<Sshd | undefined> {
  const missing = missingSshd();
  if (missing !== undefined) {
    if (process.env.PORTOLAN_REQUIRE_LAB === '1') t.fail(missing);
    else t.log(`skipped: ${missing}`);
    t.pass();
    return undefined;
  }
  const sshd = await startSshd(options);
  t.teardown(() => sshd.stop());
  return sshd;
}

/** A signal for what is never aborted. */
export const never: AbortSignal = new AbortController().signal;

export async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += chunk.toString();
  return text;
}
