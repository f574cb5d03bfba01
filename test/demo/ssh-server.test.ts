import { once } from 'node:events';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import ssh2, { type Client, type ClientChannel } from 'ssh2';
import { generateKeyPair } from '#src/demo/keys.js';
import { startSshServer } from '#src/demo/ssh-server.js';

const address = '127.0.0.1';
const port = 18992;
const hostKey = generateKeyPair();
const loginKey = generateKeyPair();

let server: Awaited<ReturnType<typeof startSshServer>>;
test.before(async () => {
  server = await startSshServer({
    address,
    port,
    hostKey: hostKey.private,
    user: 'harbour',
    authorizedKey: loginKey.public,
    environment: { PATH: process.env.PATH, GREETING: 'ahoy' },
  });
});
test.after.always(() => server?.stop());

async function logIn(privateKey = loginKey.private, username = 'harbour'): Promise<Client> {
  const client = new ssh2.Client();
  client.connect({ host: address, port, username, privateKey });
  await once(client, 'ready');
  return client;
}

function exec(client: Client, command: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => (error === undefined ? resolve(channel) : reject(error)));
  });
}

function forward(client: Client, to: number): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.forwardOut('127.0.0.1', 0, address, to, (error, channel) =>
      error === undefined ? resolve(channel) : reject(error),
    );
  });
}

test('keys are well-formed, all of them', (t) => {
  // One in 256 would not be, left to ssh2 alone.
  for (let count = 0; count < 1500; count++)
    for (const text of Object.values(generateKeyPair())) if (ssh2.utils.parseKey(text) instanceof Error) t.fail(text);
  t.pass();
});

test('a script on stdin runs under a real shell, with its streams and its exit code', async (t) => {
  const client = await logIn();
  const channel = await exec(client, 'sh -s');
  const exited = once(channel, 'exit');
  channel.end('echo "$GREETING"; echo trouble >&2; exit 7\n');
  const [out, err] = await Promise.all([text(channel), text(channel.stderr)]);
  t.deepEqual([out, err], ['ahoy\n', 'trouble\n']);
  t.is((await exited)[0], 7);
  client.end();
});

test('what a command started ends with its channel', async (t) => {
  const client = await logIn();
  const channel = await exec(client, 'echo $$; sleep 600');
  const [chunk] = await once(channel, 'data');
  const pid = Number(String(chunk));
  t.notThrows(() => process.kill(pid, 0));
  channel.close();
  await once(channel, 'close');
  for (let attempt = 0; attempt < 40 && isRunning(pid); attempt++) await sleep(50);
  t.false(isRunning(pid));
  client.end();
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('a dialled connection carries both directions and ends when either side does', async (t) => {
  const echo = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket));
  echo.listen(0, address);
  await once(echo, 'listening');
  const client = await logIn();
  const channel = await forward(client, (echo.address() as { port: number }).port);
  channel.end('over there');
  t.is(await text(channel), 'over there');
  echo.close();
  client.end();
});

test('a refused dial is described in the words of sshd', async (t) => {
  const client = await logIn();
  const error = await t.throwsAsync(forward(client, 18993));
  t.is(error?.message, '(SSH) Channel open failure: Connection refused');
  client.end();
});

test('another key, or another user, is not let in', async (t) => {
  const stranger = generateKeyPair();
  await t.throwsAsync(logIn(stranger.private), { message: 'All configured authentication methods failed' });
  await t.throwsAsync(logIn(loginKey.private, 'root'), { message: 'All configured authentication methods failed' });
});
