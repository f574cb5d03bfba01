import type { OutcomeEvidence, ReportCheck, ReportOutcome } from '../model/report.js';

/** Whether a check failed, or would have, were its flow not advisory, at what only an open path can bring. */
export function isFailedPath(check: ReportCheck): boolean {
  return wantsPassage(check) && hasFailed(check) && check.from !== null && check.to !== null;
}

/** Whether it is about a path that has to be open. */
export function wantsPassage({ expect, kind }: ReportCheck): boolean {
  return kind === 'path' && (expect === 'open' || expect === 'reachable');
}

/** Whether a check failed, or would have, because packets pass that must not. */
export function isFailedDenial(check: ReportCheck): boolean {
  return check.kind === 'path' && !wantsPassage(check) && hasFailed(check);
}

function hasFailed({ severity, status }: ReportCheck): boolean {
  return status === 'fail' || (status === 'warn' && severity === 'advisory');
}

/** Whether a rule mends what was proven. */
const mendable: Readonly<Record<OutcomeEvidence['kind'], boolean>> = {
  'accept-queue-full': false,
  'path-member': false,
  'wrong-address': false,
  'answered-by-itself': false,
  'no-route-back': false,
  'bound-to-device': false,
  'ipv6-only': false,
  mapping: false,
  'reset-on-the-way': true,
};

/** Causes of silence that no rule mends: a host that answers nobody is to be switched on first. */
const beyondRules: readonly string[] = ['host-silent', 'rate-ban'];

/**
 * Whether a packet filter on the way may have brought this about: what is answered by the service itself is none.
 *
 * @param cause of the finding that the outcome is put down to; undefined where the report has none
 */
export function isFirewallMatter(
  { evidence, listening, outcome, problem, reason, status }: ReportOutcome,
  cause: string | undefined,
): boolean {
  if (status !== 'fail') return false;
  if (evidence !== undefined) return mendable[evidence.kind];
  if (cause !== undefined && beyondRules.includes(cause)) return false;
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
    case 'open':
    case 'name-failure':
    case 'unprobed':
    case 'free':
    case 'in-use':
    case 'held-by-client':
    case 'kept':
    case 'violated':
    case 'key-changed':
    case 'key-revoked':
      return false;
  }
}
