import type { Progress } from '../observe/progress.js';

const count = new Intl.NumberFormat('en-US');

/** One line on how far a run has come: `12/30 hosts done, 1 failed · 34,112/870,870 probes · 12 s`. */
export function progressText(
  { hosts, finished, failed, loggedIn, probes, answered }: Progress,
  elapsedMs: number,
): string {
  const logins =
    loggedIn + failed < hosts ? `logging in ${loggedIn + failed}/${hosts} hosts` : `${finished}/${hosts} hosts done`;
  const failures = failed === 0 ? '' : `, ${failed} failed`;
  const seconds = Math.round(elapsedMs / 1000);
  return `${logins}${failures} · ${count.format(Math.min(answered, probes))}/${count.format(probes)} probes · ${seconds} s`;
}
