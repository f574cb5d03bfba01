import type { HostKeyDoubt, HostKeyProblem } from '../../model/host-key-problem.js';
import { type HostKeyRefusal, overruled, problemOf, refusedHostKey } from '../host-key.js';
import type { LoginSettings } from '../login-settings.js';
import { list, place } from '../sentences.js';
import type { LoginLog } from './login-log.js';

/** Why ssh did not accept the host's key, in the words of every other transport; undefined where it did. */
export function hostKeyFailure(
  settings: LoginSettings,
  log: LoginLog,
): { readonly sentence: string; readonly problem: HostKeyProblem | undefined } | undefined {
  const said = log.messages.join('\n');
  if (
    !/Host key verification failed|REVOKED HOST KEY DETECTED|Host key for .* (?:has changed|was revoked)/.test(said)
  ) {
    return undefined;
  }
  const refused = refusal(settings, said);
  return { sentence: refusedHostKey(settings, log.hostKey ?? 'key', refused), problem: problemOf(refused) };
}

/** What is to be said of a key that ssh has accepted; `refusal` where it must not be accepted for all that. */
export function hostKeyDoubt(
  settings: LoginSettings,
  log: LoginLog,
): { readonly refusal?: string; readonly warning?: string; readonly doubt?: HostKeyDoubt } {
  const said = log.messages.join('\n');
  const presented = log.hostKey ?? 'key';
  const added = /^Warning: Permanently added .* to the list of known hosts/m.test(said);
  if (added && settings.strictHostKeyChecking === 'accept-new') {
    const [file] = settings.knownHostsFiles;
    return {
      warning: `accepted the ${presented} of ${place(settings)}, seen for the first time, and added it to ${file}`,
    };
  }
  if (!/REVOKED HOST KEY DETECTED|REMOTE HOST IDENTIFICATION HAS CHANGED/.test(said)) return {};
  const refused = refusal(settings, said);
  const sentence = refusedHostKey(settings, presented, refused);
  // ssh itself goes on with a revoked key where nothing is to be checked.
  if (refused.kind === 'revoked') return { refusal: sentence };
  return {
    doubt: overruled(settings, 'changed', sentence),
    warning: `strictHostKeyChecking is "no", so this is only a warning: cannot log in to ${place(settings)}: ${sentence}`,
  };
}

function refusal(settings: LoginSettings, said: string): HostKeyRefusal {
  const [, offending, place] = /^(?:Offending|Matching revoked) (\S+) key in (.*)$/m.exec(said) ?? [];
  const [file] = settings.knownHostsFiles;
  if (/REVOKED/.test(said)) return { kind: 'revoked', where: place ?? list([...settings.knownHostsFiles]) };
  if (/HAS CHANGED|has changed/.test(said)) {
    const where = place ?? file!;
    return { kind: 'changed', where, file: where.replace(/:\d+$/, ''), keyType: nameOfType(offending ?? '') };
  }
  return { kind: 'unknown' };
}

/** ssh's messages name types in short; known_hosts and this program's sentences in full. */
function nameOfType(short: string): string {
  const names: Readonly<Record<string, string>> = { ED25519: 'ssh-ed25519', RSA: 'ssh-rsa', ECDSA: 'ecdsa' };
  return names[short] ?? short;
}
