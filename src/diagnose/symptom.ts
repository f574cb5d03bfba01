import { isLoopback, sameAddress } from '../model/addresses.js';
import type { DialogueProblem, Observations } from '../model/observation.js';
import { parsePorts } from '../model/port-set.js';
import type { OutcomeStatus, ReportCheck, ReportOutcome } from '../model/report.js';
import type { AnsweredAddresses } from './answered.js';
import type { CauseName } from './causes.js';

/** One thing that kept a check from passing, and what it is put down to. */
export interface Symptom {
  readonly check: ReportCheck;
  readonly outcome: ReportOutcome;
  readonly cause: CauseName;
}

const statusOrder: readonly OutcomeStatus[] = ['fail', 'unknown', 'warn'];

/** What symptoms are put down to causes by. */
export interface Knowledge {
  readonly observations: Observations;
  readonly answered: AnsweredAddresses;
}

/** What kept a check from passing, the worst first. */
export function symptomsOf(check: ReportCheck, knowledge: Knowledge): Symptom[] {
  if (check.status === 'pass' || check.status === 'skipped' || check.status === 'waived') return [];
  const bad = check.outcomes.filter(({ status }) => status !== 'pass');
  const rejected = check.outcomes.some(({ outcome }) => outcome === 'rejected');
  return bad
    .filter(({ address, outcome }) => !(rejected && outcome === 'timeout' && isRateLimited(check, address)))
    .map((outcome) => ({
      check,
      outcome,
      cause: causeOf(check, outcome, knowledge),
    }))
    .sort(
      (x, y) =>
        statusOrder.indexOf(x.outcome.status) - statusOrder.indexOf(y.outcome.status) ||
        y.outcome.count - x.outcome.count,
    );
}

/** Linux sends few ICMP messages a second: silence beside rejections of one address is the same rule. */
function isRateLimited(check: ReportCheck, address: string | undefined): boolean {
  return check.outcomes.some((other) => other.outcome === 'rejected' && other.address === address);
}

const mismatchCauses: Readonly<Record<Exclude<DialogueProblem, 'proxy'>, CauseName>> = {
  stranger: 'wrong-service',
  silent: 'service-silent',
  'upstream-down': 'upstream-down',
  certificate: 'bad-certificate',
  answer: 'wrong-answer',
  'source-blocked': 'source-blocked',
  'no-token': 'not-our-listener',
  'payload-lost': 'payload-filtered',
  'large-lost': 'large-packets-lost',
};

function causeOfMismatch(problem: keyof typeof mismatchCauses = 'stranger'): CauseName {
  return mismatchCauses[problem];
}

function causeOf(check: ReportCheck, outcome: ReportOutcome, { answered, observations }: Knowledge): CauseName {
  const denial = check.expect === 'closed' || check.expect === 'filtered';
  const ofSeveral = anotherAnswered(check, outcome, answered) ? 'other-address-answers' : undefined;
  if (outcome.problem === 'proxy')
    return outcome.outcome === 'mismatch' || outcome.outcome === 'reset' ? 'proxy-refuses' : 'proxy-not-reached';
  switch (outcome.outcome) {
    case 'open':
      if (denial) return 'unexpectedly-open';
      if (outcome.problem === 'source-blocked') return 'source-blocked';
      if (outcome.problem === 'payload-lost' || outcome.problem === 'large-lost')
        return causeOfMismatch(outcome.problem);
      return outcome.listening === false ? 'answered-by-another' : 'service-warning';
    case 'mismatch':
      return denial ? 'unexpectedly-open' : causeOfMismatch(outcome.problem);
    case 'reset':
      if (denial) return 'unexpectedly-open';
      return outcome.problem === 'no-token' ? 'not-our-listener' : 'service-closes';
    case 'refused':
      if (check.expect === 'filtered') return 'not-filtered';
      return refusal(check, outcome, observations);
    case 'rejected': {
      if (outcome.sender === undefined) return 'firewall-rejects';
      return sameAddress(outcome.sender, outcome.address ?? check.address ?? '') ? 'host-firewall' : 'network-firewall';
    }
    case 'timeout':
      if (denial) return 'unproven-denial';
      // Whether the address of a silent port answered this source on any other port.
      return answered.has(check.from ?? '', outcome.address ?? check.address ?? '')
        ? 'packet-filter-drops'
        : (ofSeveral ?? 'no-answer');
    case 'unreachable':
      return isSourceRule(outcome.reason) ? 'source-rule' : (ofSeveral ?? 'destination-unreachable');
    case 'name-failure':
      return 'name-not-resolved';
    case 'unprobed':
      return outcome.untried ?? 'engine-failed';
    case 'in-use':
      return 'port-in-use';
    case 'free':
      return 'port-taken-beside';
    case 'held-by-client':
      return 'client-holds-port';
    case 'kept':
    case 'violated':
      return 'rule-violated';
  }
}

/** Whether the source was answered by another address of the name. */
function anotherAnswered(check: ReportCheck, { address }: ReportOutcome, answered: AnsweredAddresses): boolean {
  return check.outcomes.some(
    (other) =>
      other.address !== undefined && other.address !== address && answered.has(check.from ?? '', other.address),
  );
}

function refusal(check: ReportCheck, outcome: ReportOutcome, observations: Observations): CauseName {
  if (outcome.listening === true) return 'forged-refusal';
  if (outcome.listening === undefined) return check.group === null ? 'connection-refused' : 'no-host-answers';
  const ports = parsePorts(outcome.ports) ?? [];
  const listeners = observations.vantages.get(check.to ?? '')?.facts.listeners ?? [];
  const elsewhere = listeners.filter(({ port }) => ports.some(([first, last]) => first <= port && port <= last));
  // Of a group one host is to answer: that the others do not is no fault of theirs.
  if (elsewhere.length === 0) return check.group === null ? 'service-down' : 'no-host-answers';
  return elsewhere.every(({ address }) => isLoopback(address)) ? 'bound-to-loopback' : 'bound-to-another-address';
}

/** Rules and routes that forbid, as against a neighbour that does not answer. */
function isSourceRule(reason: string | null): boolean {
  return reason?.startsWith('local ') === true && !reason.includes('no neighbour');
}
