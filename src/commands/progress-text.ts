import type { Progress } from '../observe/progress.js';
import type { PreAuthWait } from '../vantage/pre-auth-budget.js';

const count = new Intl.NumberFormat('en-US');

/**
 * One line on how far a run has come: `12/30 hosts done, 1 failed · 34,112/870,870 probes · 12 s`, and what holds it up:
 * `2 vantages slowed down`, `waiting 8 s for the sshd at 10.0.0.1:22`.
 */
export function progressText(
  { hosts, finished, failed, loggedIn, probes, answered, slowed }: Progress,
  elapsedMs: number,
  waiting?: PreAuthWait,
): string {
  const logins =
    loggedIn + failed < hosts ? `logging in ${loggedIn + failed}/${hosts} hosts` : `${finished}/${hosts} hosts done`;
  const failures = failed === 0 ? '' : `, ${failed} failed`;
  const seconds = Math.round(elapsedMs / 1000);
  const vantages = slowed === 0 ? '' : ` · ${slowed} ${slowed === 1 ? 'vantage' : 'vantages'} slowed down`;
  const sshd =
    waiting === undefined ? '' : ` · waiting ${Math.ceil(waiting.forMs / 1000)} s for the sshd at ${waiting.sshd}`;
  const done = `${count.format(Math.min(answered, probes))}/${count.format(probes)} probes`;
  return `${logins}${failures} · ${done} · ${seconds} s${vantages}${sshd}`;
}
