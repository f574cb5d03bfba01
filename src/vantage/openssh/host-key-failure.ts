import { type HostKeyRefusal, refusedHostKey } from '../host-key.js';
import { nameOf } from '../host-key-files.js';
import type { LoginSettings } from '../login-settings.js';
import { list } from '../sentences.js';
import type { LoginLog } from './login-log.js';

/** Why ssh did not accept the host's key, in the words of every other transport; undefined where it did. */
export function hostKeyFailure(settings: LoginSettings, log: LoginLog): string | undefined {
  const said = log.messages.join('\n');
  if (
    !/Host key verification failed|REVOKED HOST KEY DETECTED|Host key for .* (?:has changed|was revoked)/.test(said)
  ) {
    return undefined;
  }
  return refusedHostKey(settings, log.hostKey ?? 'key', refusal(settings, said));
}

function refusal(settings: LoginSettings, said: string): HostKeyRefusal {
  const [, offending, place] = /^(?:Offending|Matching revoked) (\S+) key in (.*)$/m.exec(said) ?? [];
  const [file] = settings.knownHostsFiles;
  if (/REVOKED/.test(said)) return { kind: 'revoked', where: place ?? list([...settings.knownHostsFiles]) };
  if (/HAS CHANGED|has changed/.test(said)) {
    const where = place ?? file!;
    return { kind: 'changed', where, file: where.replace(/:\d+$/, ''), keyType: nameOfType(offending ?? '') };
  }
  return {
    kind: 'unknown',
    known: `no key of ${nameOf(settings)} is in ${list([...settings.knownHostsFiles, ...settings.globalKnownHostsFiles])}`,
  };
}

/** ssh's messages name types in short; known_hosts and this program's sentences in full. */
function nameOfType(short: string): string {
  const names: Readonly<Record<string, string>> = { ED25519: 'ssh-ed25519', RSA: 'ssh-rsa', ECDSA: 'ecdsa' };
  return names[short] ?? short;
}
