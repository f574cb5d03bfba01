import test from 'ava';
import { openSocketToOneOf } from '#src/vantage/tcp.js';
import { freePort, type Sshd } from '../lab/sshd.js';
import { context, host, hostOf, never, ssh2For, sshdFor, sshdTest, vantageFor } from './fixtures.js';

const destination = { host: 'n11', user: 'ops', hostname: 'n11.example', connectTimeoutMs: 2000 };

async function loginTo(addresses: readonly string[], sshd: Sshd) {
  const { login, stream } = await openSocketToOneOf(addresses, { ...destination, port: sshd.port }, never);
  stream.destroy();
  return login;
}

sshdTest('a login goes to the first address that works, and says what became of those before it', async (t) => {
  const sshd = await sshdFor(t);
  t.deepEqual(await loginTo(['127.0.0.1', '127.0.0.2'], sshd), { address: '127.0.0.1', notes: [] });
  t.deepEqual(await loginTo(['127.0.0.2', '127.0.0.1'], sshd), {
    address: '127.0.0.1',
    notes: ['127.0.0.2 refused the connection; logged in by 127.0.0.1'],
  });
  const { notes } = await loginTo(['127.0.0.2', '127.0.0.3', '127.0.0.1'], sshd);
  t.deepEqual(notes, ['127.0.0.2 refused the connection and 127.0.0.3 refused the connection; logged in by 127.0.0.1']);
});

test('where none of a name’s addresses works, each is named with its reason', async (t) => {
  const port = await freePort();
  const error = await t.throwsAsync(openSocketToOneOf(['127.0.0.2', '127.0.0.1'], { ...destination, port }, never));
  t.is(
    error?.message,
    `cannot log in to n11 (ops@n11.example:${port}): none of its addresses works: 127.0.0.2 refused the connection and ` +
      '127.0.0.1 refused the connection',
  );
});

test('an abort ends the attempt with its own reason', async (t) => {
  const over = new AbortController();
  const reason = new Error('enough');
  over.abort(reason);
  t.is(await t.throwsAsync(openSocketToOneOf(['127.0.0.1'], { ...destination, port: 1 }, over.signal)), reason);
});

sshdTest('a vantage knows the address it was logged in to, also behind a jump host', async (t) => {
  const bastion = await sshdFor(t);
  const target = await sshdFor(t, { address: '127.0.0.2' });
  const transport = ssh2For(t, context({ hosts: new Map([['bastion', hostOf(bastion, {}, 'bastion')]]) }));
  const direct = await vantageFor(t, transport, hostOf(bastion));
  t.deepEqual(direct.login, { address: '127.0.0.1', notes: [] });
  const behind = await vantageFor(t, transport, hostOf(target, { jump: 'bastion' }));
  t.deepEqual(behind.login, { address: '127.0.0.2', notes: [] });
  const named = host('n12', 'localhost', { ...hostOf(bastion).ssh, jump: 'bastion', strictHostKeyChecking: 'no' });
  t.deepEqual((await vantageFor(t, transport, named)).login, { address: undefined, notes: [] });
});
