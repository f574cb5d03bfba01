import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprint, matchesName, parseKnownHosts } from '#src/vantage/known-hosts.js';
import { makeKey, type Sshd } from '../lab/sshd.js';
import { context, folderFor, hostOf, output, refusal, ssh2For, sshdFor, sshdTest, vantageFor } from './fixtures.js';

const print = (publicKey: string) => fingerprint(Buffer.from(publicKey.split(' ')[1]!, 'base64'));
const hostPrint = (sshd: Sshd) => print(sshd.publicKeys.get('ed25519')!);

sshdTest('an unknown host key is refused with its fingerprint, the file and what to do', async (t) => {
  const sshd = await sshdFor(t);
  const { knownHostsFile: file, port, user } = sshd;
  writeFileSync(file, '');
  t.is(
    await refusal(t, ssh2For(t, context()), hostOf(sshd)),
    `cannot log in to n11 (${user}@127.0.0.1:${port}): its host key is unknown: it presented the ssh-ed25519 key ` +
      `${hostPrint(sshd)}, and no key of [127.0.0.1]:${port} is in ${file}; compare the fingerprint with the host's own, ` +
      `then run "ssh-keyscan -p ${port} 127.0.0.1 >> ${file}", or set strictHostKeyChecking to "accept-new"`,
  );
});

sshdTest('a changed host key is a loud failure that names file and line', async (t) => {
  const sshd = await sshdFor(t);
  const { knownHostsFile: file, port, user } = sshd;
  const old = makeKey(join(sshd.directory, 'old'));
  writeFileSync(file, `# a comment\n\n[127.0.0.1]:${port} ${old}\n`);
  t.is(
    await refusal(t, ssh2For(t, context()), hostOf(sshd, { strictHostKeyChecking: 'accept-new' })),
    `cannot log in to n11 (${user}@127.0.0.1:${port}): ITS HOST KEY HAS CHANGED: it presented the ssh-ed25519 key ` +
      `${hostPrint(sshd)}, but ${file}:3 holds another ssh-ed25519 key; somebody may be in between. If the host was ` +
      `reinstalled, remove the old key with "ssh-keygen -R '[127.0.0.1]:${port}' -f ${file}" and add the new one`,
  );
});

sshdTest('a revoked host key is refused whatever strictHostKeyChecking says', async (t) => {
  const sshd = await sshdFor(t);
  const { knownHostsFile: file, port, user } = sshd;
  appendFileSync(file, `@revoked * ${sshd.publicKeys.get('ed25519')}\n`);
  const sentence =
    `cannot log in to n11 (${user}@127.0.0.1:${port}): it presented the ssh-ed25519 key ${hostPrint(sshd)}, which ${file}:2 ` +
    'marks as revoked; do not use this host until its key has been replaced';
  for (const strictHostKeyChecking of ['yes', 'accept-new', 'no'] as const) {
    t.is(await refusal(t, ssh2For(t, context()), hostOf(sshd, { strictHostKeyChecking })), sentence);
  }
});

sshdTest('a certificate authority is refused politely where no plain key is known', async (t) => {
  const sshd = await sshdFor(t);
  const { knownHostsFile: file, port, user } = sshd;
  writeFileSync(file, `@cert-authority * ${makeKey(join(sshd.directory, 'ca'))}\n`);
  t.is(
    await refusal(t, ssh2For(t, context()), hostOf(sshd)),
    `cannot log in to n11 (${user}@127.0.0.1:${port}): ${file}:1 trusts a certificate authority for it, which the ssh2 ` +
      `transport cannot ask; set "transport": "openssh" for this host, or add the host's own key (ssh-ed25519 key ` +
      `${hostPrint(sshd)}) to ${file}`,
  );
});

sshdTest('accept-new keeps a new key as ssh would, says so once, and knows it from then on', async (t) => {
  const sshd = await sshdFor(t);
  const file = join(folderFor(t), '.ssh', 'known_hosts');
  const own = context();
  const transport = ssh2For(t, own);
  const accepting = hostOf(sshd, { strictHostKeyChecking: 'accept-new', knownHostsFile: [file] });
  await Promise.all([vantageFor(t, transport, accepting), vantageFor(t, transport, accepting)]);
  const [kept, ...more] = parseKnownHosts(readFileSync(file, 'utf8'), file);
  t.is(`${kept!.keyType} ${kept!.key}`, sshd.publicKeys.get('ed25519')!);
  // Hashed or not is the system's own HashKnownHosts.
  t.true(matchesName(kept!.hosts, `[127.0.0.1]:${sshd.port}`));
  t.deepEqual(more, []);
  t.is(statSync(file).mode & 0o777, 0o600);
  t.is(statSync(join(file, '..')).mode & 0o777, 0o700);
  t.deepEqual(own.warnings, [
    `accepted the ssh-ed25519 key ${hostPrint(sshd)} of n11 (${sshd.user}@127.0.0.1:${sshd.port}), seen for the first time, ` +
      `and added it to ${file}`,
  ]);
  await vantageFor(t, ssh2For(t, context()), hostOf(sshd, { knownHostsFile: [file] }));
});

sshdTest('accept-new does not glue a key to a last line without an end', async (t) => {
  const sshd = await sshdFor(t);
  writeFileSync(sshd.knownHostsFile, `elsewhere ${sshd.publicKeys.get('ed25519')}`);
  await vantageFor(t, ssh2For(t, context()), hostOf(sshd, { strictHostKeyChecking: 'accept-new' }));
  t.is(readFileSync(sshd.knownHostsFile, 'utf8').trim().split('\n').length, 2);
});

sshdTest('"no" warns of an unknown key, keeps nothing, and is loud about a changed one', async (t) => {
  const sshd = await sshdFor(t);
  const missing = join(sshd.directory, 'none');
  const own = context();
  const transport = ssh2For(t, own);
  await vantageFor(t, transport, hostOf(sshd, { strictHostKeyChecking: 'no', knownHostsFile: [missing] }));
  t.regex(own.warnings[0]!, /^strictHostKeyChecking is "no", so this is only a warning: .*its host key is unknown/);
  t.false(existsSync(missing));
  writeFileSync(sshd.knownHostsFile, `[127.0.0.1]:${sshd.port} ${makeKey(join(sshd.directory, 'old'))}\n`);
  await vantageFor(t, transport, hostOf(sshd, { strictHostKeyChecking: 'no' }));
  t.regex(own.warnings[1]!, /only a warning: .*ITS HOST KEY HAS CHANGED/);
});

sshdTest('the algorithms that known_hosts holds are offered first', async (t) => {
  const sshd = await sshdFor(t, { hostKeys: ['ed25519', 'ecdsa', 'rsa'] });
  for (const type of ['rsa', 'ecdsa', 'ed25519'] as const) {
    writeFileSync(sshd.knownHostsFile, `[127.0.0.1]:${sshd.port} ${sshd.publicKeys.get(type)}\n`);
    const vantage = await vantageFor(t, ssh2For(t, context()), hostOf(sshd));
    t.is(await output(vantage, 'echo in'), 'in\n');
  }
});

sshdTest(
  'a known host that shows a key of another type has changed, as ssh says, and nobody is told to add it',
  async (t) => {
    const sshd = await sshdFor(t);
    const { knownHostsFile: file, port, user } = sshd;
    writeFileSync(file, `[127.0.0.1]:${port} ${makeKey(join(sshd.directory, 'old'), 'ecdsa')}\n`);
    for (const strictHostKeyChecking of ['yes', 'accept-new'] as const)
      t.is(
        await refusal(t, ssh2For(t, context()), hostOf(sshd, { strictHostKeyChecking })),
        `cannot log in to n11 (${user}@127.0.0.1:${port}): ITS HOST KEY HAS CHANGED: it presented the ssh-ed25519 key ` +
          `${hostPrint(sshd)}, but ${file}:1 knows it by its ecdsa-sha2-nistp256 key only; somebody may be in between. If the ` +
          `host was reinstalled, remove the old key with "ssh-keygen -R '[127.0.0.1]:${port}' -f ${file}" and add the new one`,
      );
  },
);

sshdTest('a key kept for the address alone is good for another port', async (t) => {
  const sshd = await sshdFor(t);
  writeFileSync(sshd.knownHostsFile, `127.0.0.1 ${sshd.publicKeys.get('ed25519')}\n`);
  await vantageFor(t, ssh2For(t, context()), hostOf(sshd));
  t.pass();
});
