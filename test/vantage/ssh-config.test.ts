import { mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { SshSettings } from '#src/model/inventory.js';
import { loginSettings, refuseUnsupported } from '#src/vantage/login-settings.js';
import { SshConfig } from '#src/vantage/ssh-config.js';
import { folderFor } from './fixtures.js';

const me = userInfo().username;
const clients = { 'ssh -G': 'ssh', 'the parser': '/nonexistent/ssh' };

/** A home with these files under `.ssh`. */
function home(t: ExecutionContext, files: Readonly<Record<string, string>>): string {
  const folder = folderFor(t);
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, '.ssh', name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { mode: 0o600 });
  }
  return folder;
}

async function settings(folder: string, client: string, target: string, ssh: SshSettings = {}, environment = {}) {
  const local = { name: me, home: folder, environment };
  const values = await new SshConfig(local, client).values({ target, user: ssh.user, port: ssh.port });
  refuseUnsupported('n11', target, ssh, values);
  return loginSettings('n11', target, ssh, values, local);
}

for (const [by, client] of Object.entries(clients)) {
  test(`${by}: the ways of proving who one is come in the order and the choice of ~/.ssh/config`, async (t) => {
    const folder = home(t, {
      config: [
        'Host preferring',
        '  PreferredAuthentications password,gssapi-with-mic,publickey',
        'Host refusing',
        '  PasswordAuthentication no',
        '  KbdInteractiveAuthentication no',
        'Host keyless',
        '  PubkeyAuthentication no',
        'Host unattended',
        '  BatchMode yes',
      ].join('\n'),
    });
    const of = async (target: string) => (await settings(folder, client, target)).authentications;
    t.deepEqual(await of('other'), ['publickey', 'keyboard-interactive', 'password']);
    t.deepEqual(await of('preferring'), ['password', 'publickey']);
    t.deepEqual(await of('refusing'), ['publickey']);
    t.deepEqual(await of('keyless'), ['keyboard-interactive', 'password']);
    t.deepEqual(await of('unattended'), ['publickey']);
  });

  test(`${by}: a literal address is looked up in its canonical form, as ssh keeps it in known_hosts`, async (t) => {
    const folder = home(t, { config: 'Host six\n  HostName FD00:0::0014\n' });
    t.is((await settings(folder, client, 'FD00:0:0:0::0014')).hostname, 'fd00::14');
    t.is((await settings(folder, client, 'six')).hostname, 'fd00::14');
    t.is((await settings(folder, client, 'FE80::0001%eth0')).hostname, 'fe80::1%eth0');
  });

  test(`${by}: the inventory’s own way stands over ProxyCommand and ProxyJump, and may be the direct one`, async (t) => {
    const folder = home(t, { config: 'Host old\n  ProxyCommand nc %h %p\nHost db1\n  ProxyJump gate\n' });
    t.is((await settings(folder, client, 'old', { jump: 'gate' })).jump, 'gate');
    t.is((await settings(folder, client, 'old', { jump: 'none' })).jump, undefined);
    t.is((await settings(folder, client, 'db1', { jump: 'none' })).jump, undefined);
    await t.throwsAsync(settings(folder, client, 'old'), { message: /sets ProxyCommand for it/ });
  });

  test(`${by}: what ~/.ssh/config says of a host holds, where the inventory says nothing`, async (t) => {
    const folder = home(t, {
      config: [
        'Host db1',
        '  HostName 192.0.2.7',
        '  User dba',
        '  Port 2022',
        '  IdentityFile ~/.ssh/id_dba',
        '  IdentityFile /keys/%h-%r',
        '  IdentitiesOnly yes',
        '  UserKnownHostsFile ~/.ssh/known_db /etc/known_db',
        '  StrictHostKeyChecking accept-new',
        '  ProxyJump gate',
        '  HostKeyAlias db.example.com',
        '  ConnectTimeout 3',
        'Host *',
        '  User other',
      ].join('\n'),
    });
    const db1 = await settings(folder, client, 'db1');
    t.like(db1, {
      hostname: '192.0.2.7',
      user: 'dba',
      port: 2022,
      identityFiles: [join(folder, '.ssh/id_dba'), '/keys/192.0.2.7-dba'],
      identityFilesNamed: true,
      identitiesOnly: true,
      knownHostsFiles: [join(folder, '.ssh/known_db'), '/etc/known_db'],
      strictHostKeyChecking: 'accept-new',
      jump: 'gate',
      hostKeyAlias: 'db.example.com',
      connectTimeoutMs: 3000,
    });
    t.like(await settings(folder, client, 'db2'), { hostname: 'db2', user: 'other', port: 22, jump: undefined });
  });

  test(`${by}: the inventory wins over ~/.ssh/config`, async (t) => {
    const folder = home(t, {
      config:
        'Host *\n  User other\n  Port 2022\n  IdentityFile /keys/other\n  ProxyJump gate\n  StrictHostKeyChecking no\n',
    });
    const ssh: SshSettings = {
      user: 'ops',
      port: 22,
      identityFile: ['~/mine'],
      knownHostsFile: ['~/known'],
      jump: 'bastion',
      strictHostKeyChecking: 'yes',
    };
    t.like(await settings(folder, client, '10.0.0.5', ssh), {
      user: 'ops',
      port: 22,
      identityFiles: [join(folder, 'mine')],
      knownHostsFiles: [join(folder, 'known')],
      jump: 'bastion',
      strictHostKeyChecking: 'yes',
    });
  });

  test(`${by}: Include is followed, also by pattern, and a Host block of an included file ends with it`, async (t) => {
    const folder = home(t, { config: '', 'conf.d/10-a': '', 'conf.d/20-b': '', 'conf.d/other.txt': '' });
    // ssh resolves a relative Include against the home of the user database: a test has to name it in full.
    const parts = join(folder, '.ssh', 'conf.d');
    writeFileSync(join(folder, '.ssh', 'config'), `Include ${parts}/?0-*\nPort 2200\nHost db*\n  User late\n`);
    writeFileSync(join(parts, '10-a'), 'Host db1\n  User first\n');
    writeFileSync(join(parts, '20-b'), 'Host db2\n  HostName 192.0.2.8\n');
    writeFileSync(join(parts, 'other.txt'), 'Host *\n  User wrong\n');
    t.like(await settings(folder, client, 'db1'), { user: 'first', port: 2200 });
    t.like(await settings(folder, client, 'db2'), { user: 'late', hostname: '192.0.2.8', port: 2200 });
  });

  test(`${by}: an Include inside a Host block counts for that host only`, async (t) => {
    const folder = home(t, { config: '', part: 'User inside\n' });
    writeFileSync(join(folder, '.ssh/config'), `Host db1\n  Include ${folder}/.ssh/part\nHost *\n  Port 2200\n`);
    t.like(await settings(folder, client, 'db1'), { user: 'inside', port: 2200 });
    t.like(await settings(folder, client, 'db2'), { user: me, port: 2200 });
  });

  test(`${by}: what ssh2 cannot do is refused with a sentence`, async (t) => {
    const folder = home(t, { config: 'Host db1\n  ProxyCommand nc %h %p\n' });
    await t.throwsAsync(settings(folder, client, 'db1'), {
      message:
        'cannot log in to n11 (db1): ~/.ssh/config sets ProxyCommand for it, which the ssh2 transport cannot do; set ' +
        '"transport": "openssh" for this host, or name "jump" in its ssh settings of the inventory',
    });
    t.is((await settings(folder, client, 'db2')).jump, undefined);
  });

  test(`${by}: ProxyCommand none and StrictHostKeyChecking ask are the defaults`, async (t) => {
    const folder = home(t, { config: 'Host *\n  ProxyCommand none\n  StrictHostKeyChecking ask\n  ProxyJump none\n' });
    t.like(await settings(folder, client, 'db1'), { jump: undefined, strictHostKeyChecking: 'yes' });
  });

  test(`${by}: IdentityAgent names the agent, or none`, async (t) => {
    const folder = home(t, { config: 'Host db1\n  IdentityAgent ~/agent\nHost db2\n  IdentityAgent none\n' });
    const environment = { SSH_AUTH_SOCK: '/run/agent' };
    const agentOf = async (target: string) => (await settings(folder, client, target, {}, environment)).agentSocket;
    t.is(await agentOf('db1'), join(folder, 'agent'));
    t.is(await agentOf('db2'), undefined);
    t.is(await agentOf('db3'), '/run/agent');
  });
}

test('without a configuration OpenSSH’s defaults hold, and no client is started', async (t) => {
  const folder = home(t, {});
  t.like(await settings(folder, '/nonexistent/ssh', '10.0.0.5'), {
    hostname: '10.0.0.5',
    port: 22,
    user: me,
    identityFilesNamed: false,
    identitiesOnly: false,
    agentSocket: undefined,
    strictHostKeyChecking: 'yes',
    jump: undefined,
    connectTimeoutMs: 10_000,
  });
});

test('a configuration that ssh refuses is refused with ssh’s own words', async (t) => {
  const folder = home(t, { config: 'Host *\n  Port nonsense\n' });
  await t.throwsAsync(settings(folder, 'ssh', 'db1'), {
    message: /^"ssh -G db1" failed: .*; ssh would not connect either: mend ~\/\.ssh\/config$/,
  });
});
