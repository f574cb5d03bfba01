import { mkdirSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { jumpLogins } from '#src/vantage/jump-login.js';
import { freePort } from '../lab/sshd.js';
import {
  accepted,
  context,
  host,
  hostOf,
  login,
  never,
  output,
  refusal,
  ssh2For,
  sshdFor,
  sshdTest,
  vantageFor,
} from './fixtures.js';

sshdTest('ten hosts behind one jump host share one connection to it', async (t) => {
  const bastion = await sshdFor(t);
  const target = await sshdFor(t, { address: '127.0.0.2' });
  const hosts = new Map([['bastion', hostOf(bastion, {}, 'bastion')]]);
  const transport = ssh2For(t, context({ hosts }));
  const behind = Array.from({ length: 10 }, (_, index) => hostOf(target, { jump: 'bastion' }, `n${index}`));
  const vantages = await Promise.all(behind.map((one) => vantageFor(t, transport, one)));
  t.deepEqual(await Promise.all(vantages.map((vantage) => output(vantage, 'echo in'))), Array(10).fill('in\n'));
  t.is(accepted(bastion), 1);
  t.is(accepted(target), 10);
});

sshdTest('a jump may be written as [user@]host:port, and ~/.ssh/config’s ProxyJump is one', async (t) => {
  const bastion = await sshdFor(t);
  const target = await sshdFor(t, {
    address: '127.0.0.2',
    config: [`AuthorizedKeysFile ${bastion.authorizedKeysFile}`],
  });
  writeFileSync(
    bastion.knownHostsFile,
    `[127.0.0.1]:${bastion.port} ${bastion.publicKeys.get('ed25519')}\n` +
      `[127.0.0.2]:${target.port} ${target.publicKeys.get('ed25519')}\n`,
  );
  const { identityFile, knownHostsFile } = bastion;
  const home = bastion.directory;
  const config = `Host *\n  IdentityFile ${identityFile}\n  UserKnownHostsFile ${knownHostsFile}\n`;
  const jump = `${bastion.user}@127.0.0.1:${bastion.port}`;
  mkdirSync(`${home}/.ssh`);
  writeFileSync(`${home}/.ssh/config`, config);
  const ssh = { port: target.port, user: target.user };
  const transport = ssh2For(t, context({ environment: { HOME: home } }));
  t.is(await output(await vantageFor(t, transport, host('n11', '127.0.0.2', { ...ssh, jump })), 'echo in'), 'in\n');
  writeFileSync(`${home}/.ssh/config`, `Host 127.0.0.2\n  ProxyJump ${jump}\n${config}`);
  const again = ssh2For(t, context({ environment: { HOME: home } }));
  t.is(await output(await vantageFor(t, again, host('n11', '127.0.0.2', ssh)), 'echo in'), 'in\n');
  t.is(accepted(bastion), 2);
});

sshdTest('a failure of the jump host is told apart from one of the host behind it', async (t) => {
  const bastion = await sshdFor(t);
  const closed = await freePort('127.0.0.2');
  const { user, port } = bastion;
  const behind = host('n11', '127.0.0.2', { ...login(bastion), port: closed, jump: 'bastion' });
  const through = (jumpHost = hostOf(bastion, {}, 'bastion')) =>
    ssh2For(t, context({ hosts: new Map([['bastion', jumpHost]]) }));
  t.is(
    await refusal(t, through(), behind),
    `cannot log in to n11 (${user}@127.0.0.2:${closed}): the jump host bastion could not reach 127.0.0.2:${closed}: Connection refused`,
  );
  t.is(
    await refusal(t, through(hostOf(bastion, { identityFile: ['/nonexistent/id'] }, 'bastion')), behind),
    `cannot log in to n11 (${user}@127.0.0.2:${closed}): its jump host failed: cannot log in to bastion (${user}@127.0.0.1:${port}): ` +
      `it refused the login of ${user}: tried no key, because /nonexistent/id does not exist and no agent, because none is running; ` +
      'the server accepts publickey',
  );
});

sshdTest('a jump host that forbids forwarding says so', async (t) => {
  const bastion = await sshdFor(t, { config: ['AllowTcpForwarding no'] });
  const transport = ssh2For(t, context({ hosts: new Map([['bastion', hostOf(bastion, {}, 'bastion')]]) }));
  const behind = host('n11', '127.0.0.2', { ...login(bastion), port: 22, jump: 'bastion' });
  t.is(
    await refusal(t, transport, behind),
    `cannot log in to n11 (${bastion.user}@127.0.0.2:22): the jump host bastion did not forward to 127.0.0.2:22 ("open failed"); ` +
      'see AllowTcpForwarding and PermitOpen on it',
  );
});

sshdTest('a jump that holds for all hosts does not hold for the jump host itself', async (t) => {
  const bastion = await sshdFor(t);
  const target = await sshdFor(t, { address: '127.0.0.2' });
  const own = hostOf(bastion, { jump: 'bastion' }, 'bastion');
  const transport = ssh2For(t, context({ hosts: new Map([['bastion', own]]) }));
  await vantageFor(t, transport, own);
  await vantageFor(t, transport, hostOf(target, { jump: 'bastion' }));
  t.is(accepted(bastion), 1);
});

sshdTest('a host that others are behind is logged in to once, as a vantage and as their jump host', async (t) => {
  const bastion = await sshdFor(t);
  const target = await sshdFor(t, { address: '127.0.0.2' });
  const [own, behind] = [hostOf(bastion, {}, 'bastion'), hostOf(target, { jump: 'bastion' })];
  const transport = ssh2For(
    t,
    context({
      hosts: new Map([
        ['bastion', own],
        ['n11', behind],
      ]),
    }),
  );
  const vantages = await Promise.all([own, behind].map((one) => transport.connect(one, never)));
  await vantages[0]!.close();
  t.is(await output(vantages[1]!, 'echo in'), 'in\n');
  await vantages[1]!.close();
  t.is(accepted(bastion), 1);
});

sshdTest('a jump host that was lost is logged in to again', async (t) => {
  const bastion = await sshdFor(t);
  const target = await sshdFor(t, { address: '127.0.0.2' });
  const transport = ssh2For(t, context({ hosts: new Map([['bastion', hostOf(bastion, {}, 'bastion')]]) }));
  const behind = hostOf(target, { jump: 'bastion' });
  const first = await transport.connect(behind, never);
  bastion.signalSessions('SIGKILL');
  t.regex((await first.lost).message, /^the connection to n11 .* was lost: the connection to bastion .* was lost: /);
  await first.close();
  await vantageFor(t, transport, behind);
  t.is(accepted(bastion), 2);
});

test('a jump is a host of the inventory or [user@]host[:port], or several', (t) => {
  const hosts = new Map([['bastion', host('bastion', '192.0.2.1', { user: 'gate', port: 2222 })]]);
  const read = (jump: string) => jumpLogins(jump, hosts);
  const bastion = { name: 'bastion', target: '192.0.2.1', ssh: { user: 'gate', port: 2222 } };
  t.deepEqual(read('bastion'), [bastion]);
  t.like(read('gate.example.com')[0], { target: 'gate.example.com', ssh: {} });
  t.like(read('me@gate:2222')[0], { target: 'gate', ssh: { user: 'me', port: 2222 } });
  t.like(read('me@[fd00::1]:2222')[0], { target: 'fd00::1', ssh: { user: 'me', port: 2222 } });
  t.like(read('fd00::1')[0], { target: 'fd00::1', ssh: {} });
  t.like(read('fe80::1%eth0')[0], { target: 'fe80::1%eth0', ssh: {} });
  t.like(read('ssh://me@gate:2222')[0], { target: 'gate', ssh: { user: 'me', port: 2222 } });
  t.deepEqual(read('bastion,me@inner'), [bastion, { name: 'me@inner', target: 'inner', ssh: { user: 'me' } }]);
  t.deepEqual(read('none'), []);
});

test('what is no jump is refused with a sentence', (t) => {
  for (const jump of ['gate:99999', '', 'one,,two', 'one, two', 'me@you@gate'])
    t.is(
      t.throws(() => jumpLogins(jump, new Map()))?.message,
      `"${jump}" is no jump: expected hosts of the inventory or [user@]host[:port], separated by commas`,
    );
});
