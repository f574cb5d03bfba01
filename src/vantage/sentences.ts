import type { LoginSettings } from './login-settings.js';

/** Text of the other side, made harmless for a terminal and short enough for a sentence. */
export function printable(text: string): string {
  return (
    text
      // Beside control characters, those that turn the direction of writing or cannot be seen.
      .replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]+/g, ' ')
      .trim()
      .slice(0, 200)
  );
}

/** `10.0.0.5:22` or `[fd00::5]:22`. */
export function addressAndPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** `exa-n11 (ops@10.10.0.11:22)`. */
export function place(settings: Pick<LoginSettings, 'host' | 'user' | 'hostname' | 'port'>): string {
  return `${settings.host} (${settings.user}@${addressAndPort(settings.hostname, settings.port)})`;
}

/** The sentence for a command that a host did not run; `why` is in its own words. */
export function notRun(host: string, command: string, why: string): string {
  return (
    `${host} did not run "${command}": ${printable(why)}; see MaxSessions, ForceCommand and the login shell of this user ` +
    'on it'
  );
}

/** Joins words as a sentence lists them: `a, b and c`. */
export function list(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
