import { list, printable } from './sentences.js';

// What can go wrong with a login, whichever program speaks SSH; each follows "cannot log in to HOST: ". What was tried, the
// account, is "tried A and B; the server accepts C".

/** What OpenSSH says, before 9.8 and since, to a connection that MaxStartups drops. */
const surplus = /^(?:Exceeded MaxStartups|Not allowed at this time)$/;

export function hung(phase: string, afterMs: number): string {
  return `it accepted the connection, but ${phase} did not come within ${afterMs / 1000} s; check sshd on it`;
}

export function refusedLogin(user: string, account: string): string {
  return `it refused the login of ${user}: ${account}`;
}

export function tooManyAttempts(account: string): string {
  return (
    `it gave up after too many attempts (MaxAuthTries): ${account}; name the right identityFile, or set IdentitiesOnly ` +
    'in ~/.ssh/config'
  );
}

export function expiredPassword(user: string): string {
  return `the password of ${user} has expired; change it there`;
}

export const closedDuringKeyExchange = 'it closed the connection during the key exchange; see its log';

export function closedDuringLogin(account: string): string {
  return `it closed the connection during the login: ${account}; see its log`;
}

/**
 * A connection that was closed before the server had said that it speaks SSH, and what it said instead. Another try is
 * worth while where this is what sshd does to a surplus of connections.
 */
export function closedEarly(answered: string): { readonly sentence: string; readonly again: boolean } {
  const said = printable(answered);
  if (said !== '' && !surplus.test(said)) {
    return { sentence: `it answered "${said}" where an SSH greeting was expected; check ssh.port`, again: false };
  }
  const answer = said === '' ? 'without a word' : `after "${said}"`;
  return {
    sentence:
      `the connection was closed ${answer} before the SSH handshake; if this is sshd, see its MaxStartups and ` +
      'PerSourcePenalties, or its log; otherwise check ssh.port',
    again: true,
  };
}

/** Puts together what was tried and what the server accepts. */
export function accountOf(tried: readonly string[], accepted: readonly string[]): string {
  const what = tried.length === 0 ? 'there was nothing to try' : `tried ${list(tried)}`;
  return `${what}; the server accepts ${accepted.length === 0 ? 'nothing that was tried' : list(accepted)}`;
}
