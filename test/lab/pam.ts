import { createHmac } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { missingPrerequisite } from './prerequisites.js';
import { missingSshd, type Sshd, startSshd } from './sshd.js';

const modules = [
  '/lib/x86_64-linux-gnu/security',
  '/lib/aarch64-linux-gnu/security',
  '/lib/security',
  '/lib64/security',
];

/** Why no sshd with PAM and one-time passwords can be started here; undefined where it can. */
export function missingPam(): string | undefined {
  const module = modules.some((folder) => existsSync(join(folder, 'pam_oath.so')));
  return missingSshd() ?? missingPrerequisite() ?? (module ? undefined : 'libpam-oath is not installed');
}

/** An sshd that asks for the password of the test's user and then for a one-time password, by way of PAM. */
export interface PamSshd extends Sshd {
  readonly password: string;
  /** The next one-time password (RFC 4226); the server takes each once. */
  nextCode(): string;
}

const password = 'correct horse';
/** Its crypt(5), by SHA-512. */
const hash = '$6$portolan$8cjYZUp9brpewlrWsmQsolaB.WSiIQnR7nnd.QrxShGtlw877iLo0Un4C01LFFi72jWM7PwK3wImz9WjGVZ.t1';
const secret = '3132333435363738393031323334353637383930';

/** Starts one; `methods` is its AuthenticationMethods. PAM's files are its own, in a mount namespace of its own. */
export async function startPamSshd(methods: string): Promise<PamSshd> {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-pam-'));
  const user = userInfo().username;
  writeFileSync(join(folder, 'shadow'), `${user}:${hash}:19000:0:99999:7:::\n`, { mode: 0o600 });
  writeFileSync(join(folder, 'oath'), `HOTP ${user} - ${secret}\n`, { mode: 0o600 });
  const service = [
    'auth required pam_unix.so',
    `auth required pam_oath.so usersfile=${join(folder, 'oath')} window=20 digits=6`,
    'account required pam_permit.so',
    'session required pam_permit.so',
  ];
  writeFileSync(join(folder, 'sshd'), `${service.join('\n')}\n`);
  const binds = [`${folder}/sshd /etc/pam.d/sshd`, `${folder}/shadow /etc/shadow`].map(
    (bind) => `mount --bind ${bind}`,
  );
  const prefix = [
    'unshare',
    '--mount',
    '--propagation',
    'private',
    'sh',
    '-c',
    `${binds.join(' && ')} && exec "$0" "$@"`,
  ];
  const config = ['UsePAM yes', 'KbdInteractiveAuthentication yes', `AuthenticationMethods ${methods}`];
  const sshd = await startSshd({ config, prefix });
  let counter = -1;
  return {
    ...sshd,
    password,
    nextCode: () => {
      counter += 1;
      return oneTimePassword(counter);
    },
    stop: async () => {
      await sshd.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** HOTP, RFC 4226 section 5.3. */
function oneTimePassword(counter: number): string {
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(counter));
  const digest = createHmac('sha1', Buffer.from(secret, 'hex')).update(message).digest();
  const number = digest.readUInt32BE(digest.at(-1)! & 0xf) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}
