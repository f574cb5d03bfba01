import { setMaxListeners } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import type { Host, SshSettings } from '#src/model/inventory.js';
import { type Transport, type TransportContext, type Vantage, VantageFailure } from '#src/model/vantage.js';
import { createOpensshTransport, type OpensshOptions } from '#src/vantage/openssh.js';
import { unlimitedPreAuth } from '#src/vantage/pre-auth-budget.js';
import { createSsh2Transport, type Ssh2Options } from '#src/vantage/ssh2.js';
import { missingSshd, type Sshd, type SshdOptions, startSshd } from '../lab/sshd.js';
import { testNeeding } from '../needing.js';

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
    services: new Map(),
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

/** A host that a command gives a shell on. */
export function commandHost(command: readonly string[], name = 'db1'): Host {
  return { ...host(name, '127.0.0.1', {}, 'command'), command };
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
    preAuth: unlimitedPreAuth,
    ...more,
    warnings,
  };
}

/** A test that needs a real sshd. */
export function sshdTest(title: string, implementation: (t: ExecutionContext) => Promise<void>): void {
  testNeeding(missingSshd(), title, implementation);
}

/** An sshd that ends with the test. */
export async function sshdFor(t: ExecutionContext, options?: SshdOptions): Promise<Sshd> {
  const sshd = await startSshd(options);
  t.teardown(() => sshd.stop());
  return sshd;
}

/** The ssh2 transport for one test. */
export function ssh2For(t: ExecutionContext, own: TransportContext, options?: Ssh2Options): Transport {
  const transport = createSsh2Transport(own, options);
  t.teardown(() => transport.close());
  return transport;
}

/** The openssh transport for one test. */
export function opensshFor(t: ExecutionContext, own: TransportContext, options?: OpensshOptions): Transport {
  const transport = createOpensshTransport(own, options);
  t.teardown(() => transport.close());
  return transport;
}

/** Logs in to an sshd that can be made to drop its sessions. */
export function breakable(transportFor: (t: ExecutionContext, own: TransportContext) => Transport) {
  return async (t: ExecutionContext): Promise<{ readonly vantage: Vantage; readonly cut: () => void }> => {
    const sshd = await sshdFor(t);
    const vantage = await vantageFor(t, transportFor(t, context()), hostOf(sshd));
    return { vantage, cut: () => sshd.signalSessions('SIGKILL') };
  };
}

/** Logs in and closes with the test. */
export async function vantageFor(t: ExecutionContext, transport: Transport, to: Host): Promise<Vantage> {
  const vantage = await transport.connect(to, never);
  t.teardown(() => vantage.close());
  return vantage;
}

/** What a command prints. */
export async function output(vantage: Vantage, command: string, stdin = ''): Promise<string> {
  const running = await vantage.exec(command);
  running.stdin.end(stdin);
  return readAll(running.stdout);
}

/** How many logins by key an sshd has seen. */
export function accepted(sshd: Sshd): number {
  return sshd.log().split('Accepted publickey').length - 1;
}

/** The same of several, once their logs have caught up with so many logins, or within five seconds. */
export async function acceptedBy(sshds: readonly Sshd[], logins: readonly number[]): Promise<number[]> {
  const end = performance.now() + 5000;
  for (;;) {
    const seen = sshds.map(accepted);
    if (performance.now() > end || seen.every((count, index) => count >= logins[index]!)) return seen;
    await delay(50);
  }
}

/** A folder that goes with the test. */
export function folderFor(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-test-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The sentence that a login fails with. */
export async function refusal(t: ExecutionContext, transport: Transport, to: Host): Promise<string> {
  const error = await t.throwsAsync(transport.connect(to, never), { instanceOf: VantageFailure });
  return error?.message ?? '';
}

/** A signal for what is never aborted. */
export const never: AbortSignal = new AbortController().signal;
setMaxListeners(0, never);

export async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += chunk.toString();
  return text;
}
