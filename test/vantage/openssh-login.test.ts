import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import type { SshSettings } from '#src/model/inventory.js';
import { fingerprint } from '#src/vantage/known-hosts.js';
import { makeKey, type Sshd } from '../lab/sshd.js';
import {
  context,
  folderFor,
  host,
  hostOf,
  login,
  never,
  opensshFor,
  output,
  refusal,
  ssh2For,
  sshdFor,
  sshdTest,
  vantageFor,
} from './fixtures.js';
import { hostOfServer, sshServer } from './ssh-server.js';

/** A home with a configuration of ssh's. */
function homeWith(t: ExecutionContext, config: string): string {
  const home = folderFor(t);
  mkdirSync(join(home, '.ssh'), { mode: 0o700 });
  writeFileSync(join(home, '.ssh/config'), config, { mode: 0o600 });
  return home;
}

function sign(certificateAuthority: string, file: string, ...options: string[]): void {
  execFileSync('ssh-keygen', ['-q', '-s', certificateAuthority, '-I', 'test', ...options, `${file}.pub`]);
}

async function saysIn(t: ExecutionContext, sshd: Sshd, more: SshSettings, environment = {}): Promise<string> {
  const own = context({ environment: { HOME: '/nonexistent', ...environment } });
  return output(await vantageFor(t, opensshFor(t, own), hostOf(sshd, more)), 'echo in');
}

sshdTest('a certificate logs in where the sshd trusts its authority and knows no key', async (t) => {
  const folder = folderFor(t);
  const authority = join(folder, 'ca');
  const key = join(folder, 'id');
  makeKey(authority);
  makeKey(key);
  const sshd = await sshdFor(t, { config: [`TrustedUserCAKeys ${authority}.pub`] });
  sign(authority, key, '-n', sshd.user);
  t.is(await saysIn(t, sshd, { identityFile: [key] }), 'in\n');
});

sshdTest('a host is known by a certificate that an authority in known_hosts has signed', async (t) => {
  const folder = folderFor(t);
  const authority = join(folder, 'ca');
  const key = join(folder, 'host');
  const publicKey = makeKey(authority);
  makeKey(key);
  sign(authority, key, '-h', '-n', '127.0.0.1');
  const sshd = await sshdFor(t, { config: [`HostKey ${key}`, `HostCertificate ${key}-cert.pub`] });
  writeFileSync(sshd.knownHostsFile, `@cert-authority 127.0.0.* ${publicKey}\n`);
  t.is(await saysIn(t, sshd, {}), 'in\n');
});

sshdTest('a ProxyCommand of ~/.ssh/config is the way to the host, and its failure is told', async (t) => {
  const sshd = await sshdFor(t);
  const home = (command: string) => homeWith(t, `Host db1\n  ProxyCommand ${command}\n`);
  const connect = async (command: string) => {
    const transport = opensshFor(t, context({ environment: { HOME: home(command), PATH: '/usr/bin:/bin' } }));
    const db1 = host('n11', 'db1', login(sshd, { strictHostKeyChecking: 'no' }));
    return { transport, db1 };
  };
  const good = await connect(`nc 127.0.0.1 ${sshd.port}`);
  t.is(await output(await vantageFor(t, good.transport, good.db1), 'echo in'), 'in\n');
  const bad = await connect('sh -c "echo no tunnel today >&2; exit 1"');
  t.is(
    await refusal(t, bad.transport, bad.db1),
    `cannot log in to n11 (${sshd.user}@db1:${sshd.port}): its ProxyCommand said "no tunnel today" before sshd at ` +
      `db1:${sshd.port} did`,
  );
});

sshdTest('a connection that the user holds open by ControlPath is used, and stays', async (t) => {
  const sshd = await sshdFor(t);
  const home = homeWith(t, `Host *\n  ControlPath ${folderFor(t)}/%r-%p\n`);
  const file = join(home, '.ssh/config');
  const own = ['-F', file, '-i', sshd.identityFile, '-o', `UserKnownHostsFile=${sshd.knownHostsFile}`];
  const where = ['-p', String(sshd.port), '-l', sshd.user, '127.0.0.1'];
  execFileSync('ssh', [...own, '-MNf', '-o', 'ControlPersist=60', ...where], { stdio: 'ignore' });
  t.teardown(() => execFileSync('ssh', ['-F', file, '-O', 'exit', ...where], { stdio: 'ignore' }));
  // Nothing to log in with: it is that connection or none.
  const transport = opensshFor(t, context({ environment: { HOME: home } }));
  const vantage = await transport.connect(hostOf(sshd, { identityFile: [] }), never);
  t.is(await output(vantage, 'echo in'), 'in\n');
  t.regex(vantage.login!.notes[0]!, /^uses the ssh connection that is open at \S+$/);
  await vantage.close();
  await transport.close();
  execFileSync('ssh', ['-F', file, '-O', 'check', ...where], { stdio: 'ignore' });
  t.is(sshd.log().match(/Accepted publickey/g)?.length, 1);
});

sshdTest('the passphrase of a key is asked for once for many hosts, and again where it was wrong', async (t) => {
  const sshd = await sshdFor(t);
  const file = join(folderFor(t), 'id');
  writeFileSync(sshd.authorizedKeysFile, `${makeKey(file, 'ed25519', 'open sesame')}\n`);
  const questions: string[] = [];
  const answers = ['mistyped', 'open sesame'];
  const ask = async (question: string) => {
    questions.push(question);
    return answers.shift();
  };
  const transport = opensshFor(t, context({ ask }));
  await vantageFor(t, transport, hostOf(sshd, { identityFile: [file] }));
  await Promise.all([1, 2, 3].map(() => vantageFor(t, transport, hostOf(sshd, { identityFile: [file] }))));
  t.deepEqual(questions, [`Passphrase of ${file}: `, `Passphrase of ${file}: `]);
});

sshdTest('the passphrase may come from the environment; one that is missing or wrong is told', async (t) => {
  const sshd = await sshdFor(t);
  const file = join(folderFor(t), 'id');
  writeFileSync(sshd.authorizedKeysFile, `${makeKey(file, 'ed25519', 'open sesame')}\n`);
  const locked = { identityFile: [file], passphrase: { env: 'KEY' } } as const;
  t.is(await saysIn(t, sshd, locked, { KEY: 'open sesame' }), 'in\n');
  const told = (environment: object) =>
    refusal(t, opensshFor(t, context({ environment: { HOME: '/nonexistent', ...environment } })), hostOf(sshd, locked));
  const start = `cannot log in to n11 (${sshd.user}@127.0.0.1:${sshd.port}): it refused the login of ${sshd.user}: tried no agent, because none is running and the key ${file} (${file} is encrypted and`;
  t.is(await told({ KEY: 'shut' }), `${start} the passphrase in KEY does not open it); the server accepts publickey`);
  t.is(
    await told({}),
    `${start} the environment variable KEY, which the inventory names, is not set); the server accepts publickey`,
  );
});

test('a password from the environment is sent once, and told as ssh2 tells it', async (t) => {
  const server = await sshServer(t, { password: 'hunter2' });
  const password = { env: 'OPS_PASSWORD' };
  const withPassword = (value: string | undefined) =>
    opensshFor(t, context({ environment: { HOME: '/nonexistent', OPS_PASSWORD: value } }));
  await vantageFor(t, withPassword('hunter2'), hostOfServer(server, { password }));
  server.passwords.length = 0;
  const start = `cannot log in to n11 (ops@127.0.0.1:${server.port}): it refused the login of ops: tried no agent, because none is running and`;
  const end = 'the server accepts publickey and password';
  t.is(await refusal(t, withPassword('hunter3'), hostOfServer(server, { password })), `${start} the password; ${end}`);
  t.deepEqual(server.passwords, ['hunter3']);
  t.is(
    await refusal(t, withPassword(undefined), hostOfServer(server, { password })),
    `${start} no password, because the environment variable OPS_PASSWORD, which the inventory names, is not set; ${end}`,
  );
  t.is(
    await refusal(t, withPassword('hunter2'), hostOfServer(server)),
    `${start} no password, because the inventory names none; ${end}`,
  );
});

test('a password that a person types is asked for once for all hosts, and again where it was refused', async (t) => {
  const server = await sshServer(t, { password: 'hunter2' });
  const questions: string[] = [];
  const answers = ['hunter', 'hunter2'];
  const ask = async (question: string) => {
    questions.push(question);
    return answers.shift();
  };
  const transport = opensshFor(t, context({ ask }));
  const prompting = hostOfServer(server, { password: 'prompt' });
  await vantageFor(t, transport, prompting);
  await Promise.all([1, 2].map(() => vantageFor(t, transport, prompting)));
  t.deepEqual(questions, [
    'Password of ops (asked once, used for every host that wants it): ',
    `Password of ops (n11 (ops@127.0.0.1:${server.port}) refused the last): `,
  ]);
});

test('the silence of a server is not held against it while a person is asked', async (t) => {
  const server = await sshServer(t, { password: 'hunter2' });
  const ask = () => new Promise<string>((resolve) => setTimeout(() => resolve('hunter2'), 4000));
  const transport = opensshFor(t, context({ ask }), { silenceMs: 2000 });
  await vantageFor(t, transport, hostOfServer(server, { password: 'prompt' }));
  t.pass();
});

sshdTest('a revoked host key is refused whatever strictHostKeyChecking says', async (t) => {
  const sshd = await sshdFor(t);
  const { knownHostsFile: file, port, user } = sshd;
  const key = sshd.publicKeys.get('ed25519')!;
  writeFileSync(file, `@revoked * ${key}\n[127.0.0.1]:${port} ${key}\n`);
  for (const strictHostKeyChecking of ['yes', 'no'] as const) {
    t.is(
      await refusal(t, opensshFor(t, context()), hostOf(sshd, { strictHostKeyChecking })),
      `cannot log in to n11 (${user}@127.0.0.1:${port}): it presented the ssh-ed25519 key ` +
        `${fingerprint(Buffer.from(key.split(' ')[1]!, 'base64'))}, which ${file} marks as revoked; do not use this host ` +
        'until its key has been replaced',
    );
  }
});

sshdTest('accept-new keeps a new key, and "no" goes on with a changed one; both say so as ssh2 does', async (t) => {
  const sshd = await sshdFor(t);
  const { knownHostsFile: file, port } = sshd;
  const other = makeKey(join(sshd.directory, 'old'));
  for (const [known, strictHostKeyChecking] of [
    ['', 'accept-new'],
    [`[127.0.0.1]:${port} ${other}\n`, 'no'],
  ] as const) {
    const said: string[][] = [];
    for (const transportFor of [ssh2For, opensshFor]) {
      writeFileSync(file, known);
      const own = context();
      await vantageFor(t, transportFor(t, own), hostOf(sshd, { strictHostKeyChecking }));
      said.push(own.warnings);
    }
    t.deepEqual(said[1], said[0]);
    t.is(said[1]?.length, 1);
  }
});

test('without an ssh client the sentence says what to install', async (t) => {
  t.is(
    await refusal(
      t,
      opensshFor(t, context(), { client: '/nonexistent/ssh' }),
      host('n11', '127.0.0.1', { user: 'ops' }),
    ),
    'cannot log in to n11 (ops@127.0.0.1:22): the openssh transport needs the ssh client, and "/nonexistent/ssh" is not ' +
      'installed on this machine; install it (openssh-client), or set "transport": "ssh2" for this host',
  );
});

sshdTest('nothing is left when the run is killed: no master, no socket, no folder', async (t) => {
  const sshd = await sshdFor(t);
  const folder = folderFor(t);
  const program = fileURLToPath(new URL('openssh-program.js', import.meta.url));
  const run = spawn(process.execPath, [program, JSON.stringify(hostOf(sshd))], {
    env: { PATH: process.env.PATH, HOME: '/nonexistent', TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.teardown(() => run.kill('SIGKILL'));
  let said = '';
  run.stdout.on('data', (chunk) => {
    said += chunk;
  });
  run.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const ended = () => run.exitCode !== null || run.signalCode !== null;
  await until(
    () => said === 'running\n' || ended(),
    `the run has logged in`,
    () => said,
  );
  t.is(said, 'running\n', 'the run itself failed');
  t.not(processesOf(folder).length, 0);
  run.kill('SIGKILL');
  await until(
    () => processesOf(folder).length === 0,
    'every process has ended',
    () => processesOf(folder).join('\n'),
  );
  t.deepEqual(readdirSync(folder), []);
});

/** Waits for what takes a moment on a quiet machine, and for half a minute at most. */
async function until(done: () => boolean, what: string, otherwise: () => string): Promise<void> {
  for (const end = Date.now() + 30_000; !done(); await sleep(50)) {
    if (Date.now() > end) throw new Error(`not within 30 s: ${what}; ${otherwise()}`);
  }
}

/** The command lines on this machine that name a folder. */
function processesOf(folder: string): readonly string[] {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const commands = ids.map((id) => {
    try {
      return readFileSync(`/proc/${id}/cmdline`, 'utf8').replaceAll('\0', ' ');
    } catch {
      return '';
    }
  });
  return commands.filter((command) => command.includes(folder));
}

sshdTest('close leaves nothing: no master, no socket, no folder', async (t) => {
  const sshd = await sshdFor(t);
  const transport = opensshFor(t, context());
  const vantage = await transport.connect(hostOf(sshd), never);
  const [master] = processesOf(sshd.identityFile);
  const socket = / -S (\S+) /.exec(master!)![1]!;
  t.true(existsSync(socket));
  await vantage.close();
  t.deepEqual(processesOf(sshd.identityFile), []);
  await transport.close();
  t.false(existsSync(join(socket, '..')));
});

sshdTest('a lost connection says why', async (t) => {
  const sshd = await sshdFor(t);
  const vantage = await vantageFor(t, opensshFor(t, context()), hostOf(sshd));
  const running = await vantage.exec('sleep 60');
  sshd.signalSessions('SIGKILL');
  t.is(
    (await vantage.lost).message,
    `the connection to n11 (${sshd.user}@127.0.0.1:${sshd.port}) was lost: the other side closed it`,
  );
  t.deepEqual(await running.exited, { code: null, signal: null });
  await t.throwsAsync(vantage.exec('true'), { message: /^n11 did not run "true": the connection was closed; see/ });
});

sshdTest('a session beyond MaxSessions is refused with the sentence of ssh2', async (t) => {
  const sshd = await sshdFor(t, { config: ['MaxSessions 2'] });
  const vantage = await vantageFor(t, opensshFor(t, context()), hostOf(sshd));
  await vantage.exec('sleep 60');
  await vantage.exec('sleep 60');
  await t.throwsAsync(vantage.exec('true'), {
    message:
      'n11 did not run "true": open failed; see MaxSessions, ForceCommand and the login shell of this user on it',
  });
});

for (const [what, settings] of Object.entries<(t: ExecutionContext) => Promise<[string, SshSettings]>>({
  'a port that nobody listens on': async () => ['127.0.0.1', { port: 1, user: 'ops' }],
  'a name that does not resolve': async () => [`${'x'.repeat(64)}.invalid`, { user: 'ops' }],
  'a key that the host does not take': async (t) => {
    const sshd = await sshdFor(t);
    const stranger = join(folderFor(t), 'id');
    makeKey(stranger);
    return ['127.0.0.1', login(sshd, { identityFile: [stranger, '/nonexistent/id'] })];
  },
  'an unknown host key': async (t) => {
    const sshd = await sshdFor(t);
    writeFileSync(sshd.knownHostsFile, '');
    return ['127.0.0.1', login(sshd)];
  },
  'a changed host key': async (t) => {
    const sshd = await sshdFor(t);
    const key = makeKey(join(sshd.directory, 'old'));
    writeFileSync(sshd.knownHostsFile, `# old\n[127.0.0.1]:${sshd.port} ${key}\n`);
    return ['127.0.0.1', login(sshd)];
  },
  'too many keys': async (t) => {
    const sshd = await sshdFor(t, { config: ['MaxAuthTries 2'] });
    const keys = [1, 2, 3].map((index) => join(sshd.directory, `id_${index}`));
    for (const key of keys) makeKey(key);
    return ['127.0.0.1', login(sshd, { identityFile: keys })];
  },
})) {
  sshdTest(`the sentence is that of ssh2, whichever program speaks SSH: ${what}`, async (t) => {
    const [address, ssh] = await settings(t);
    const failing = host('n11', address, ssh);
    const sentence = await refusal(t, ssh2For(t, context()), failing);
    t.is(await refusal(t, opensshFor(t, context()), failing), sentence);
  });
}

sshdTest('hosts behind two jump hosts, which are logged in to once; a jump host that fails is named', async (t) => {
  const [outer, inner, target] = await Promise.all([
    sshdFor(t),
    sshdFor(t, { address: '127.0.0.2' }),
    sshdFor(t, { address: '127.0.0.3' }),
  ]);
  const hosts = new Map([
    ['outer', hostOf(outer, {}, 'outer')],
    ['inner', hostOf(inner, { jump: 'outer' }, 'inner')],
  ]);
  const transport = opensshFor(t, context({ hosts }));
  const behind = (more: SshSettings = {}) => hostOf(target, { jump: 'inner', ...more });
  const vantages = await Promise.all([1, 2, 3].map(() => vantageFor(t, transport, behind())));
  t.is(await output(vantages[0]!, 'echo in'), 'in\n');
  t.is(outer.log().match(/Accepted publickey/g)?.length, 1);
  t.is(inner.log().match(/Accepted publickey/g)?.length, 1);
  for (const ssh of [{ port: 1 }, { host: '192.0.2.1.invalid' }]) {
    const failing = behind(ssh);
    t.is(await refusal(t, transport, failing), await refusal(t, ssh2For(t, context({ hosts })), failing));
  }
  outer.signalSessions('SIGKILL');
  const [sentence] = await Promise.all(vantages.map(async (vantage) => (await vantage.lost).message));
  t.is(
    sentence,
    `the connection to n11 (${target.user}@127.0.0.3:${target.port}) was lost: the connection to outer ` +
      `(${outer.user}@127.0.0.1:${outer.port}) was lost: the other side closed it`,
  );
});

sshdTest('a jump host that forbids forwarding is told as ssh2 tells it', async (t) => {
  const jump = await sshdFor(t, { config: ['AllowTcpForwarding no'] });
  const target = await sshdFor(t, { address: '127.0.0.2' });
  const hosts = new Map([['jump', hostOf(jump, {}, 'jump')]]);
  const behind = hostOf(target, { jump: 'jump' });
  const sentence = await refusal(t, opensshFor(t, context({ hosts })), behind);
  t.is(sentence, await refusal(t, ssh2For(t, context({ hosts })), behind));
  t.regex(sentence, /the jump host jump did not forward to .*; see AllowTcpForwarding and PermitOpen on it$/);
});
