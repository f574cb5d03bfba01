import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { freePort } from '../lab/sshd.js';
import { context, host, hostOf, never, refusal, ssh2For, sshdFor, sshdTest, vantageFor } from './fixtures.js';

/** Something that is no sshd. */
async function impostor(t: ExecutionContext, onSocket: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    onSocket(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

const at = (port: number) => host('n11', '127.0.0.1', { port, user: 'ops' });
const start = (port: number) => `cannot log in to n11 (ops@127.0.0.1:${port}):`;
const hasty = { tries: 2, wait: async () => {} };

test('a port that nobody listens on', async (t) => {
  const port = await freePort();
  t.is(
    await refusal(t, ssh2For(t, context()), at(port)),
    `${start(port)} the connection was refused: no sshd listens there, or a firewall rejects it; check sshd and ssh.port`,
  );
});

test('a name that does not resolve on this machine', async (t) => {
  // A label of 64 letters cannot be asked for: the resolver refuses it without a packet.
  const name = `${'x'.repeat(64)}.invalid`;
  t.is(
    await refusal(t, ssh2For(t, context()), host('n11', name, { user: 'ops' })),
    `cannot log in to n11 (ops@${name}:22): its name does not resolve on this machine; set ssh.host to an address`,
  );
});

test('an sshd that hangs after it accepted is a sentence, not a hang', async (t) => {
  const port = await impostor(t, () => {});
  t.is(
    await refusal(t, ssh2For(t, context(), { timeouts: { handshake: 300 } }), at(port)),
    `${start(port)} it accepted the connection, but its SSH greeting did not come within 0.3 s; check sshd on it`,
  );
});

test('an sshd that greets and then hangs is one as well', async (t) => {
  const port = await impostor(t, (socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n'));
  t.is(
    await refusal(t, ssh2For(t, context(), { timeouts: { handshake: 300 } }), at(port)),
    `${start(port)} it accepted the connection, but its part of the key exchange did not come within 0.3 s; check sshd on it`,
  );
});

test('a connection closed before the greeting is tried again, and then says what it may be', async (t) => {
  let connections = 0;
  const port = await impostor(t, (socket) => {
    connections += 1;
    socket.end('Exceeded MaxStartups\r\n');
  });
  t.is(
    await refusal(t, ssh2For(t, context(), { pacing: hasty }), at(port)),
    `${start(port)} the connection was closed after "Exceeded MaxStartups" before the SSH handshake; if this is sshd, see its ` +
      'MaxStartups and PerSourcePenalties, or its log; otherwise check ssh.port',
  );
  t.is(connections, 2);
});

test('a connection closed without a word is tried again as well', async (t) => {
  const port = await impostor(t, (socket) => socket.destroy());
  t.true(
    (await refusal(t, ssh2For(t, context(), { pacing: hasty }), at(port))).startsWith(
      `${start(port)} the connection was closed without a word before the SSH handshake; if this is sshd`,
    ),
  );
});

test('something else than SSH is quoted, without its control characters, and not tried again', async (t) => {
  let connections = 0;
  const port = await impostor(t, (socket) => {
    connections += 1;
    socket.end('HTTP/1.1 400 Bad Request\r\n\u001b[31mred\r\n');
  });
  t.is(
    await refusal(t, ssh2For(t, context()), at(port)),
    `${start(port)} it answered "HTTP/1.1 400 Bad Request [31mred" where an SSH greeting was expected; check ssh.port`,
  );
  t.is(connections, 1);
});

test('an aborted login rejects with the signal’s reason, at once', async (t) => {
  const port = await impostor(t, () => {});
  const abort = new AbortController();
  const login = ssh2For(t, context()).connect(at(port), abort.signal);
  setTimeout(() => abort.abort(new Error('Ctrl-C')), 100);
  const started = Date.now();
  await t.throwsAsync(login, { message: 'Ctrl-C' });
  t.true(Date.now() - started < 2000);
});

sshdTest('twenty logins at once succeed although MaxStartups drops all but two', async (t) => {
  const sshd = await sshdFor(t, { config: ['MaxStartups 2:100:3'] });
  const transport = ssh2For(t, context());
  const hosts = Array.from({ length: 20 }, (_, index) => hostOf(sshd, {}, `n${index}`));
  const vantages = await Promise.all(hosts.map((one) => vantageFor(t, transport, one)));
  t.is(vantages.length, 20);
  t.regex(sshd.log(), /MaxStartups/);
});

sshdTest('a broken connection is a loss with a reason, and what ran is over', async (t) => {
  const sshd = await sshdFor(t);
  const vantage = await vantageFor(t, ssh2For(t, context()), hostOf(sshd));
  const running = await vantage.exec('cat');
  sshd.signalSessions('SIGKILL');
  t.regex(
    (await vantage.lost).message,
    /^the connection to n11 \(\S+@127\.0\.0\.1:\d+\) was lost: (?:the other side closed it|read ECONNRESET)$/,
  );
  t.deepEqual(await running.exited, { code: null, signal: null });
  await t.throwsAsync(vantage.exec('true'), { message: /^n11 did not run "true": Not connected; see MaxSessions/ });
});

sshdTest('a connection that went silent is noticed within twelve seconds', async (t) => {
  const sshd = await sshdFor(t);
  const vantage = await ssh2For(t, context()).connect(hostOf(sshd), never);
  sshd.signalSessions('SIGSTOP');
  const started = Date.now();
  const lost = await vantage.lost;
  t.true(Date.now() - started < 12_000);
  t.regex(lost.message, /was lost: it answered nothing for 9 s: the network was cut, or the host hangs$/);
  const closing = Date.now();
  await vantage.close();
  t.true(Date.now() - closing < 1500);
});

sshdTest('close does not wait for a server that hangs', async (t) => {
  const sshd = await sshdFor(t);
  const vantage = await ssh2For(t, context()).connect(hostOf(sshd), never);
  sshd.signalSessions('SIGSTOP');
  const started = Date.now();
  await vantage.close();
  t.true(Date.now() - started < 2000);
});

sshdTest('one exec too many for MaxSessions says so', async (t) => {
  const sshd = await sshdFor(t, { config: ['MaxSessions 1'] });
  const vantage = await vantageFor(t, ssh2For(t, context()), hostOf(sshd));
  await vantage.exec('cat');
  await t.throwsAsync(vantage.exec('cat'), {
    message:
      'n11 did not run "cat": (SSH) Channel open failure: open failed; see MaxSessions, ForceCommand and the login shell of this user on it',
  });
});
