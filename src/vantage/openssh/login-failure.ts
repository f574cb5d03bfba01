import type { HostKeyProblem } from '../../model/host-key-problem.js';
import { nameMeanings } from '../login-address.js';
import {
  accountOf,
  closedDuringKeyExchange,
  closedDuringLogin,
  closedEarly,
  hung,
  refusedLogin,
  tooManyAttempts,
} from '../login-sentences.js';
import type { LoginSettings } from '../login-settings.js';
import { addressAndPort, printable } from '../sentences.js';
import { errnoOf } from '../strerror.js';
import { connectMeanings } from '../tcp.js';
import { hostKeyFailure } from './host-key-failure.js';
import type { LoginLog } from './login-log.js';

/** Why ssh did not log in. */
export interface LoginFailure {
  /** Follows "cannot log in to HOST: ". */
  readonly sentence: string;
  /** Another try is worth while. */
  readonly again: boolean;
  /** Where the key of the host is why. */
  readonly hostKeyProblem?: HostKeyProblem | undefined;
}

/** What one login left behind. */
export interface LoginEnd {
  readonly settings: LoginSettings;
  readonly log: LoginLog;
  /** What the proxy command and the server's banner wrote. */
  readonly stderr: string;
  /** What was tried with answers to questions. */
  readonly answered: readonly string[];
  /** The way led through a command of the user's own configuration. */
  readonly byProxyCommand: boolean;
  /** It was ended, because there was no answer, or the same one was wanted again. */
  readonly hopeless: boolean;
}

/** Finds the cause of a failed login in what ssh said. */
export function loginFailure(end: LoginEnd): LoginFailure {
  const { log, settings } = end;
  const said = log.messages.join('\n');
  const account = accountOf(attempts(end), log.accepted);
  const final = (sentence: string): LoginFailure => ({ sentence, again: false });
  const hostKey = hostKeyFailure(settings, log);
  if (hostKey !== undefined) return { ...final(hostKey.sentence), hostKeyProblem: hostKey.problem };
  const unresolved = /Could not resolve hostname .*?: (.*)/.exec(said)?.[1];
  if (unresolved !== undefined) {
    return final(nameMeanings[/temporary failure/i.test(unresolved) ? 'EAI_AGAIN' : 'ENOTFOUND']!);
  }
  const connect = connectFailure(end, said);
  if (connect !== undefined) return final(connect);
  if (/timed out during banner exchange/.test(said)) return final(hung('its SSH greeting', settings.connectTimeoutMs));
  if (end.hopeless) return final(refusedLogin(settings.user, account));
  if (/Too many authentication failures/.test(said)) return final(tooManyAttempts(account));
  if (/^(?:[^\n]*: )?Permission denied(?: \(|, please)/m.test(said) || /No more authentication methods/.test(said)) {
    return final(refusedLogin(settings.user, account));
  }
  const mismatch = /no matching ([\w ]+) found\. Their offer: (.*)/.exec(said);
  if (mismatch !== null)
    return final(`it and this machine's ssh have no ${mismatch[1]} in common: it offers ${mismatch[2]}`);
  if (/^(?:kex_exchange_identification|ssh_exchange_identification|banner exchange)/m.test(said)) {
    return beforeGreeting(end, said);
  }
  if (/Connection (?:closed|reset)|Received disconnect|Broken pipe/.test(said) && log.greeted) {
    return final(log.exchanged ? closedDuringLogin(account) : closedDuringKeyExchange);
  }
  const last = printable(log.messages.at(-1) ?? end.stderr.trim().split('\n').at(-1) ?? '');
  return final(last === '' ? 'ssh ended without a word' : `ssh said "${last}"`);
}

/** What was tried, each with the reason that it came to nothing where one is known. */
function attempts({ answered, log, settings }: LoginEnd): string[] {
  const notes = log.messages.flatMap((line) => {
    const file = /^no such identity: (.*): No such file or directory$/.exec(line)?.[1];
    return file === undefined ? [] : [`no key, because ${file} does not exist`];
  });
  if (settings.agentSocket === undefined) notes.push('no agent, because none is running');
  const explained = log.tried.filter((what) => !answered.some((answer) => answer.startsWith(`${what} (`)));
  const tried = [...notes, ...explained, ...answered];
  if (settings.password === undefined && log.accepted.includes('password')) {
    tried.push('no password, because the inventory names none');
  }
  return [...new Set(tried)];
}

function connectFailure({ log, settings }: LoginEnd, said: string): string | undefined {
  const failures = [...said.matchAll(/connect to (?:host|address) (\S+) port \d+: (.*)/g)];
  const why = failures.at(-1)?.[2];
  if (why === undefined || log.connected) return undefined;
  // ssh itself gives up after ConnectTimeout with the same words as the kernel.
  if (/timed out/.test(why)) {
    const seconds = settings.connectTimeoutMs / 1000;
    return `nothing answered within ${seconds} s: the host is down, the address is wrong, or a firewall drops it`;
  }
  return connectMeanings[errnoOf(why) ?? ''] ?? printable(why);
}

/** The proxy command failed, something else than sshd answered, or sshd wants to be asked again. */
function beforeGreeting({ byProxyCommand, settings, stderr }: LoginEnd, said: string): LoginFailure {
  const answered = /banner line 0: (.*)|invalid format.*?: (.*)|Invalid SSH identification string.*?: "?(.*?)"?$/m.exec(
    said,
  );
  const greeting = answered?.slice(1).find((text) => text !== undefined) ?? '';
  if (byProxyCommand && greeting === '') {
    const word = printable(stderr.trim().split('\n').at(-1) ?? '');
    const what = word === '' ? 'ended without a word' : `said "${word}"`;
    const target = addressAndPort(settings.hostname, settings.port);
    return { sentence: `its ProxyCommand ${what} before sshd at ${target} did`, again: false };
  }
  return closedEarly(greeting);
}
