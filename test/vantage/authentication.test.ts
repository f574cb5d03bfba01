import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { makeKey, type Sshd } from '../lab/sshd.js';
import { context, folderFor, hostOf, output, refusal, ssh2For, sshdFor, sshdTest, vantageFor } from './fixtures.js';
import { hostOfServer, sshServer } from './ssh-server.js';

/** A key that the sshd accepts, behind a passphrase. */
function lockedKey(t: ExecutionContext, sshd: Sshd): string {
  const file = join(folderFor(t), 'id_locked');
  appendFileSync(sshd.authorizedKeysFile, `${makeKey(file, 'ed25519', 'open sesame')}\n`);
  return file;
}

/** A real ssh-agent, ended with the test. */
async function agentFor(t: ExecutionContext, keys: readonly string[]): Promise<string> {
  const socket = join(folderFor(t), 'agent');
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] });
  t.teardown(() => {
    agent.kill();
  });
  await once(agent.stdout, 'data');
  for (const key of keys) {
    execFileSync('ssh-add', ['-q', key], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'ignore' });
  }
  return socket;
}

const start = (sshd: Sshd) => `cannot log in to n11 (${sshd.user}@127.0.0.1:${sshd.port}):`;

sshdTest('an encrypted key is opened with the passphrase from the environment', async (t) => {
  const sshd = await sshdFor(t);
  const locked = hostOf(sshd, { identityFile: [lockedKey(t, sshd)], passphrase: { env: 'KEY_PASSPHRASE' } });
  const transport = ssh2For(t, context({ environment: { HOME: '/nonexistent', KEY_PASSPHRASE: 'open sesame' } }));
  t.is(await output(await vantageFor(t, transport, locked), 'echo in'), 'in\n');
});

sshdTest('the passphrase of a key is asked for once for all hosts', async (t) => {
  const sshd = await sshdFor(t);
  const file = lockedKey(t, sshd);
  const questions: string[] = [];
  const ask = async (question: string, { secret }: { secret: boolean }) => {
    questions.push(`${question}${secret}`);
    return 'open sesame';
  };
  const transport = ssh2For(t, context({ ask }));
  const locked = hostOf(sshd, { identityFile: [file] });
  await Promise.all([1, 2, 3].map(() => vantageFor(t, transport, locked)));
  t.deepEqual(questions, [`Passphrase of ${file}: true`]);
});

sshdTest('the passphrase of a key that the host would not accept is not asked for', async (t) => {
  const sshd = await sshdFor(t);
  const file = join(folderFor(t), 'id_stranger');
  makeKey(file, 'ed25519', 'secret');
  const ask = async () => t.fail() && undefined;
  const stranger = hostOf(sshd, { identityFile: [file, sshd.identityFile] });
  await vantageFor(t, ssh2For(t, context({ ask: ask as never })), stranger);
  t.pass();
});

sshdTest('a wrong passphrase, a missing variable and nobody to ask are told apart', async (t) => {
  const sshd = await sshdFor(t);
  const file = lockedKey(t, sshd);
  const identityFile = [file];
  const login = async (more: object, environment: Record<string, string> = {}) =>
    refusal(t, ssh2For(t, context({ environment: { HOME: '/nonexistent', ...environment } })), hostOf(sshd, more));
  const end = '); the server accepts publickey';
  const tried = `${start(sshd)} it refused the login of ${sshd.user}: tried no agent, because none is running and the key ${file} (`;
  t.is(await login({ identityFile }), `${tried}${file} is encrypted and nobody is at a terminal to ask${end}`);
  const passphrase = { env: 'KEY_PASSPHRASE' };
  t.is(
    await login({ identityFile, passphrase }),
    `${tried}${file} is encrypted and the environment variable KEY_PASSPHRASE, which the inventory names, is not set${end}`,
  );
  t.is(
    await login({ identityFile, passphrase }, { KEY_PASSPHRASE: 'wrong' }),
    `${tried}${file} is encrypted and the passphrase in KEY_PASSPHRASE does not open it${end}`,
  );
});

sshdTest('a mistyped passphrase may be typed again', async (t) => {
  const sshd = await sshdFor(t);
  const answers = ['opne sesame', 'open sesame'];
  const questions: string[] = [];
  const ask = async (question: string) => {
    questions.push(question);
    return answers.shift();
  };
  const file = lockedKey(t, sshd);
  await vantageFor(t, ssh2For(t, context({ ask })), hostOf(sshd, { identityFile: [file] }));
  t.deepEqual(questions, [`Passphrase of ${file}: `, `Passphrase of ${file} (the last one does not open it): `]);
});

sshdTest('a refused login says what was tried and what the server accepts', async (t) => {
  const sshd = await sshdFor(t);
  const stranger = join(folderFor(t), 'id_stranger');
  makeKey(stranger);
  t.is(
    await refusal(t, ssh2For(t, context()), hostOf(sshd, { identityFile: [stranger, '/nonexistent/id'] })),
    `${start(sshd)} it refused the login of ${sshd.user}: tried no key, because /nonexistent/id does not exist, no agent, ` +
      `because none is running and the key ${stranger}; the server accepts publickey`,
  );
});

sshdTest('a key file that is no key says so', async (t) => {
  const sshd = await sshdFor(t);
  const file = join(folderFor(t), 'id_broken');
  writeFileSync(file, 'hello\n');
  t.true(
    (await refusal(t, ssh2For(t, context()), hostOf(sshd, { identityFile: [file] }))).includes(
      `no key, because ${file} is not a key that ssh2 can use`,
    ),
  );
});

for (const type of ['ed25519', 'ecdsa', 'rsa'] as const) {
  sshdTest(`the agent signs with a key of type ${type}, and so does a file`, async (t) => {
    const sshd = await sshdFor(t);
    const folder = folderFor(t);
    const file = join(folder, 'id');
    writeFileSync(sshd.authorizedKeysFile, `${makeKey(file, type)}\n`);
    await vantageFor(t, ssh2For(t, context()), hostOf(sshd, { identityFile: [file] }));
    const socket = await agentFor(t, [file]);
    rmSync(file);
    const transport = ssh2For(t, context({ environment: { HOME: '/nonexistent', SSH_AUTH_SOCK: socket } }));
    t.is(await output(await vantageFor(t, transport, hostOf(sshd, { identityFile: [] })), 'echo in'), 'in\n');
  });
}

sshdTest('a named key comes before the many keys of an agent, which MaxAuthTries would end', async (t) => {
  const sshd = await sshdFor(t, { config: ['MaxAuthTries 2'] });
  const folder = folderFor(t);
  const keys = [1, 2, 3, 4].map((index) => join(folder, `id_${index}`));
  for (const key of keys) makeKey(key);
  const environment = { HOME: '/nonexistent', SSH_AUTH_SOCK: await agentFor(t, keys) };
  await vantageFor(t, ssh2For(t, context({ environment })), hostOf(sshd));
  const sentence = await refusal(t, ssh2For(t, context({ environment })), hostOf(sshd, { identityFile: [] }));
  t.true(
    sentence.startsWith(`${start(sshd)} it gave up after too many attempts (MaxAuthTries): tried the agent's key test`),
  );
});

sshdTest('an agent that is not there does not keep a key file from being tried', async (t) => {
  const sshd = await sshdFor(t);
  const environment = { HOME: '/nonexistent', SSH_AUTH_SOCK: '/nonexistent/agent' };
  await vantageFor(t, ssh2For(t, context({ environment })), hostOf(sshd));
  t.pass();
});

sshdTest('the default key of ~/.ssh is found', async (t) => {
  const sshd = await sshdFor(t);
  const home = folderFor(t);
  execFileSync('mkdir', [join(home, '.ssh')]);
  copyFileSync(sshd.identityFile, join(home, '.ssh', 'id_ed25519'));
  const { identityFile: _, ...ssh } = hostOf(sshd).ssh;
  await vantageFor(t, ssh2For(t, context({ environment: { HOME: home } })), { ...hostOf(sshd), ssh });
  t.pass();
});

test('a password from the environment is sent, and never repeated in a message', async (t) => {
  const server = await sshServer(t, { password: 'hunter2' });
  const password = { env: 'OPS_PASSWORD' };
  const good = context({ environment: { HOME: '/nonexistent', OPS_PASSWORD: 'hunter2' } });
  await vantageFor(t, ssh2For(t, good), hostOfServer(server, { password }));
  const bad = context({ environment: { HOME: '/nonexistent', OPS_PASSWORD: 'hunter3' } });
  t.is(
    await refusal(t, ssh2For(t, bad), hostOfServer(server, { password })),
    `cannot log in to n11 (ops@127.0.0.1:${server.port}): it refused the login of ops: tried no agent, because none is running ` +
      'and the password; the server accepts publickey and password',
  );
  t.is(
    await refusal(t, ssh2For(t, context()), hostOfServer(server, { password })),
    `cannot log in to n11 (ops@127.0.0.1:${server.port}): it refused the login of ops: tried no agent, because none is running ` +
      'and no password, because the environment variable OPS_PASSWORD, which the inventory names, is not set; ' +
      'the server accepts publickey and password',
  );
});

test('a password is asked for once for all hosts, and is not sent to a host with a changed key', async (t) => {
  const server = await sshServer(t, { password: 'hunter2' });
  let asked = 0;
  const ask = async () => {
    asked += 1;
    return 'hunter2';
  };
  const transport = ssh2For(t, context({ ask }));
  const prompting = hostOfServer(server, { password: 'prompt' });
  await Promise.all([1, 2, 3].map(() => vantageFor(t, transport, prompting)));
  t.is(asked, 1);
  server.passwords.length = 0;
  const careless = hostOfServer(server, { password: 'prompt', strictHostKeyChecking: 'no' });
  // The server's key is an ecdsa one: a host that shows another type of key than the known one has changed as well.
  for (const type of ['ecdsa', 'ed25519', 'rsa'] as const) {
    const old = makeKey(join(folderFor(t), `old-${type}`), type);
    writeFileSync(server.knownHostsFile, `[127.0.0.1]:${server.port} ${old}\n`);
    t.regex(
      await refusal(t, ssh2For(t, context({ ask })), careless),
      /no password, because the host key is not the known one/,
      type,
    );
    t.deepEqual(server.passwords, [], type);
  }
});

test('a mistyped password is asked for again, once for all hosts, and the question says who refused it', async (t) => {
  const server = await sshServer(t, { password: 'hunter2' });
  const answers = ['hunter3', 'hunter2'];
  const questions: string[] = [];
  const ask = async (question: string) => {
    questions.push(question);
    return answers.shift();
  };
  const transport = ssh2For(t, context({ ask }));
  await Promise.all([1, 2, 3].map(() => vantageFor(t, transport, hostOfServer(server, { password: 'prompt' }))));
  t.deepEqual(questions, [
    'Password of ops (asked once, used for every host that wants it): ',
    `Password of ops (n11 (ops@127.0.0.1:${server.port}) refused the last): `,
  ]);
});

test('keyboard-interactive: the password answers its prompt, a person the rest', async (t) => {
  const server = await sshServer(t, { prompts: { 'Password: ': 'hunter2', 'Code: ': '123456' } });
  const questions: string[] = [];
  const ask = async (question: string) => {
    questions.push(question);
    return '123456';
  };
  const environment = { HOME: '/nonexistent', OPS_PASSWORD: 'hunter2' };
  const password = { env: 'OPS_PASSWORD' };
  await vantageFor(t, ssh2For(t, context({ ask, environment })), hostOfServer(server, { password }));
  t.deepEqual(questions, ['n11: Code: ']);
  t.true(
    (await refusal(t, ssh2For(t, context({ environment })), hostOfServer(server, { password }))).includes(
      'tried no agent, because none is running and keyboard-interactive (it asks "Code:", and nobody is at a terminal to ask; ',
    ),
  );
});

test('a second factor after the key is answered', async (t) => {
  const server = await sshServer(t, { key: true, prompts: { 'Code: ': '123456' } });
  const transport = ssh2For(t, context({ ask: async () => '123456' }));
  await vantageFor(t, transport, hostOfServer(server, { identityFile: [server.identityFile] }));
  t.pass();
});

test('the server’s silence is not held against it while a person is asked', async (t) => {
  const server = await sshServer(t, { password: 'hunter2' });
  const ask = () => new Promise<string>((resolve) => setTimeout(() => resolve('hunter2'), 6000));
  const transport = ssh2For(t, context({ ask }), { timeouts: { login: 4000 } });
  await vantageFor(t, transport, hostOfServer(server, { password: 'prompt' }));
  t.pass();
});
