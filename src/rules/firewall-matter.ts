import type { ReportCheck, ReportOutcome } from '../model/report.js';

/** Whether a check failed, or would have, were its flow not advisory, at what only an open path can bring. */
export function isFailedPath({ expect, from, kind, severity, status, to }: ReportCheck): boolean {
  const failed = status === 'fail' || (status === 'warn' && severity === 'advisory');
  const wantsPassage = expect === 'open' || expect === 'reachable';
  return kind === 'path' && failed && wantsPassage && from !== null && to !== null;
}

/** Whether a packet filter on the way may have brought this about: what is answered by the service itself is none. */
export function isFirewallMatter({ listening, outcome, problem, reason, status }: ReportOutcome): boolean {
  if (status !== 'fail') return false;
  switch (outcome) {
    case 'timeout':
    case 'rejected':
      return true;
    case 'unreachable':
      // Of the source's own making, or for want of a route there: no rule of anybody else mends it.
      return !/^(by proxy \S+: )?(local|ENETUNREACH|ENETDOWN)\b/.test(reason ?? '');
    case 'refused':
      // Although the destination listens there: the refusal is forged on the way.
      return listening === true;
    case 'mismatch':
    case 'reset':
      return problem === 'no-token';
    default:
      return false;
  }
}
