import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { kill } from 'node:process';
import ssh2, {
  type AuthContext,
  type Connection,
  type ParsedKey,
  type PublicKeyAuthContext,
  type ServerChannel,
  type Session,
} from 'ssh2';
import type { Started } from './listeners.js';

export interface SshServerOptions {
  readonly address: string;
  readonly port: number;
  /** OpenSSH's text of the host's private key. */
  readonly hostKey: string;
  readonly user: string;
  /** The one public key that may log in, as authorized_keys has it. */
  readonly authorizedKey: string;
  /** Of the commands that it runs. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * An SSH server that does what a vantage needs of sshd, for real: commands run under a real shell, and direct-tcpip
 * channels are real connections of this machine.
 */
export async function startSshServer(options: SshServerOptions): Promise<Started> {
  const authorized = parseKey(options.authorizedKey);
  const clients = new Set<Connection>();
  const processes = new Set<number>();
  const server = new ssh2.Server({ hostKeys: [options.hostKey], ident: 'portolan-demo' }, (client) => {
    clients.add(client);
    client.on('authentication', (context) => authenticate(context, options.user, authorized));
    client.on('session', (accept) => serveSession(accept(), options.environment, processes));
    client.on('tcpip', (accept, reject, { destIP, destPort }) => {
      const socket = connect({ host: destIP, port: destPort, allowHalfOpen: true });
      const refuse = (error: NodeJS.ErrnoException) => rejectWith(client, reject, openFailure(error));
      socket.once('error', refuse);
      socket.once('connect', () => {
        socket.off('error', refuse);
        const channel = accept();
        channel.on('error', () => {});
        socket.on('error', () => channel.destroy());
        channel.on('close', () => socket.destroy());
        channel.pipe(socket).pipe(channel);
      });
    });
    client.on('error', () => {});
    client.on('close', () => clients.delete(client));
  });
  server.listen(options.port, options.address);
  await once(server, 'listening');
  return {
    stop: async () => {
      for (const client of clients) client.end();
      for (const group of processes) killGroup(group, 'SIGKILL');
      const closed = new Promise((resolve) => server.close(() => resolve(undefined)));
      await closed;
    },
  };
}

function parseKey(text: string): ParsedKey {
  const key = ssh2.utils.parseKey(text);
  if (key instanceof Error) throw key;
  return key;
}

function authenticate(context: AuthContext, user: string, authorized: ParsedKey): void {
  if (context.username === user && context.method === 'publickey' && mayLogIn(context, authorized)) context.accept();
  else context.reject(['publickey']);
}

function mayLogIn({ key, blob, signature, hashAlgo }: PublicKeyAuthContext, authorized: ParsedKey): boolean {
  if (!key.data.equals(authorized.getPublicSSH())) return false;
  // Without a signature the client only asks whether this key would do.
  return blob === undefined || signature === undefined || authorized.verify(blob, signature, hashAlgo) === true;
}

type Environment = SshServerOptions['environment'];

function serveSession(session: Session, environment: Environment, processes: Set<number>): void {
  session.on('exec', (accept, _reject, { command }) => run(accept(), command, environment, processes));
}

function run(channel: ServerChannel, command: string, env: Environment, processes: Set<number>): void {
  // A group of its own: what the command starts is ended with it.
  const child = spawn('/bin/sh', ['-c', command], { detached: true, cwd: '/', env });
  const group = child.pid;
  if (group === undefined) {
    child.once('error', () => channel.close());
    return;
  }
  processes.add(group);
  channel.on('error', () => {});
  child.stdin.on('error', () => {});
  channel.pipe(child.stdin);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  child.once('close', (code, signal) => {
    processes.delete(group);
    if (code === null) channel.exit(signal!.replace(/^SIG/, ''));
    else channel.exit(code);
    channel.end();
  });
  channel.once('close', () => {
    child.stdin.destroy();
    if (processes.has(group)) killGroup(group, 'SIGTERM');
  });
}

function killGroup(group: number, signal: NodeJS.Signals): void {
  try {
    kill(-group, signal);
  } catch {
    // It ended by itself.
  }
}

const failures: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Connection refused',
  EHOSTUNREACH: 'No route to host',
  ENETUNREACH: 'Network is unreachable',
  ETIMEDOUT: 'Connection timed out',
};

/** As OpenSSH's sshd says it: by the C library's words. */
function openFailure({ code }: NodeJS.ErrnoException): string {
  return failures[code ?? ''] ?? 'open failed';
}

/**
 * ssh2's server sends no description with a refused channel, and OpenSSH's clients know the cause by nothing else: it is
 * slipped in underneath, while `reject` runs.
 */
function rejectWith(client: Connection, reject: () => void, description: string): void {
  interface Protocol {
    channelOpenFail(recipient: number, reason: number, description: string): void;
  }
  const protocol = (client as unknown as { readonly _protocol: Protocol })._protocol;
  const original = protocol.channelOpenFail;
  protocol.channelOpenFail = (recipient, reason) => original.call(protocol, recipient, reason, description);
  try {
    reject();
  } finally {
    protocol.channelOpenFail = original;
  }
}
