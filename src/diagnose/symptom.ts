import { isLoopback, sameAddress } from '../model/addresses.js';
import type { DialogueProblem, Observations } from '../model/observation.js';
import { parsePorts } from '../model/port-set.js';
import type { OutcomeEvidence, OutcomeStatus, ReportCheck, ReportOutcome } from '../model/report.js';
import type { CauseName } from './causes.js';
import type { Testimony, Witness } from './witness.js';

/** One thing that kept a check from passing, and what it is put down to. */
export interface Symptom {
  readonly check: ReportCheck;
  readonly outcome: ReportOutcome;
  /** The outcome's place among those of its check. */
  readonly index: number;
  readonly cause: CauseName;
  /** Of silence and what is like it: what else the source got from that address. */
  readonly testimony: Testimony | undefined;
}

const statusOrder: readonly OutcomeStatus[] = ['fail', 'unknown', 'warn'];

/** What symptoms are put down to causes by. */
export interface Knowledge {
  readonly observations: Observations;
  readonly witness: Witness;
}

/** What kept a check from passing, the worst first. */
export function symptomsOf(check: ReportCheck, knowledge: Knowledge): Symptom[] {
  if (check.status === 'pass' || check.status === 'skipped' || check.status === 'waived') return [];
  return check.outcomes
    .map((outcome, index) => ({ outcome, index }))
    .filter(({ outcome }) => outcome.status !== 'pass' && rejectionOfSilence(check, outcome) === undefined)
    .map(
      ({ index, outcome }): Symptom => ({
        ...{ check, outcome, index, cause: causeOf(check, outcome, knowledge) },
        testimony: isSilent(outcome) ? testimonyOf(check, outcome, knowledge) : undefined,
      }),
    )
    .sort(
      (x, y) =>
        statusOrder.indexOf(x.outcome.status) - statusOrder.indexOf(y.outcome.status) ||
        y.outcome.count - x.outcome.count,
    );
}

/**
 * Linux sends few ICMP messages a second: silence beside rejections of one address is the same rule. The rejection, where
 * the outcome is such a silence.
 */
export function rejectionOfSilence(check: ReportCheck, { address, outcome }: ReportOutcome): number | undefined {
  if (outcome !== 'timeout') return undefined;
  const index = check.outcomes.findIndex(
    (other) => other.outcome === 'rejected' && other.status !== 'pass' && other.address === address,
  );
  return index === -1 ? undefined : index;
}

const causeOfEvidence: Readonly<Record<OutcomeEvidence['kind'], CauseName>> = {
  'accept-queue-full': 'accept-queue-full',
  'path-member': 'path-member',
  'wrong-address': 'wrong-address',
  'answered-by-itself': 'answered-by-itself',
  'no-route-back': 'no-route-back',
  'bound-to-device': 'bound-to-device',
  'ipv6-only': 'ipv6-only',
  mapping: 'mapping-without-backend',
  'reset-on-the-way': 'reset-on-the-way',
};

/** What was proven says more than the outcome; undefined where it does not explain this one. */
function provenCause(outcome: ReportOutcome, denial: boolean): CauseName | undefined {
  if (outcome.evidence === undefined) return undefined;
  const cause = causeOfEvidence[outcome.evidence.kind];
  if (outcome.outcome !== 'open' && outcome.outcome !== 'mismatch') return cause;
  // Something connects. That it is another machine explains it, denied or not; what keeps a service from answering does not.
  if (cause === 'wrong-address' || cause === 'answered-by-itself') return cause;
  return denial || outcome.outcome === 'open' ? undefined : cause;
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

function causeOf(check: ReportCheck, outcome: ReportOutcome, knowledge: Knowledge): CauseName {
  const { observations } = knowledge;
  const denial = check.expect === 'closed' || check.expect === 'filtered';
  const proven = provenCause(outcome, denial);
  if (proven !== undefined) return proven;
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
      return causeOfSilence(check, outcome, knowledge, denial);
    case 'unreachable':
      if (isSourceRule(outcome.reason)) return 'source-rule';
      if (isSilentHost(check, outcome, knowledge)) return 'host-silent';
      return anotherAnswered(check, outcome, knowledge) ? 'other-address-answers' : 'destination-unreachable';
    case 'name-failure':
      return 'name-not-resolved';
    case 'unprobed':
      if (outcome.untried === 'no-login' && hasDoubtfulKey(check.from ?? check.to, observations))
        return 'host-key-changed';
      return outcome.untried ?? 'engine-failed';
    case 'in-use':
      return outcome.status === 'warn' ? 'installed-already' : 'port-in-use';
    case 'free':
      return 'port-taken-beside';
    case 'held-by-client':
      return 'client-holds-port';
    case 'kept':
    case 'violated':
      return 'rule-violated';
    case 'key-changed':
    case 'key-revoked':
      return 'host-key-changed';
  }
}

function causeOfSilence(check: ReportCheck, outcome: ReportOutcome, knowledge: Knowledge, denial: boolean): CauseName {
  if (isSilentHost(check, outcome, knowledge)) return 'host-silent';
  if (denial) return 'unproven-denial';
  const { witness } = knowledge;
  const address = addressOf(check, outcome);
  const ports = parsePorts(outcome.ports) ?? [];
  const host = check.to ?? '';
  if (check.from === host || witness.failsTowardsItself(host, check.address ?? '', address, ports))
    return 'host-filter-drops';
  if (witness.openToOthers(address, ports)) return 'source-filtered';
  if (witness.of(check.from ?? '', address).answered.length > 0) return 'packet-filter-drops';
  return anotherAnswered(check, outcome, knowledge) ? 'other-address-answers' : 'no-answer';
}

function hasDoubtfulKey(host: string | null, { vantages }: Observations): boolean {
  return vantages.get(host ?? '')?.hostKeyDoubt !== undefined;
}

/** Whether the source was answered by another address of the name. */
function anotherAnswered(check: ReportCheck, { address }: ReportOutcome, { witness }: Knowledge): boolean {
  return check.outcomes.some(
    (other) =>
      other.address !== undefined &&
      other.address !== address &&
      witness.of(check.from ?? '', other.address).answered.length > 0,
  );
}

/**
 * Whether the host that is expected there gives nobody any sign of life: it answers no source, and it could not be logged
 * in to for that very reason, or a source was told that it is not there, or got nothing from its SSH port either.
 */
function isSilentHost(check: ReportCheck, outcome: ReportOutcome, knowledge: Knowledge): boolean {
  const { observations, witness } = knowledge;
  const address = addressOf(check, outcome);
  const login = observations.vantages.get(check.to ?? '');
  if (check.to === null || login?.status === 'ready' || witness.answersSomebody(address)) return false;
  if (anotherAnswered(check, outcome, knowledge)) return false;
  if (outcome.outcome === 'unreachable' && !saysNobodyIsThere(outcome.reason)) return false;
  if (login !== undefined) return isSilentLogin(login.error ?? '');
  return outcome.outcome === 'unreachable' || witness.of(check.from ?? '', address).mute;
}

/** A neighbour that does not answer, and what a router says of one: as against a want of routes. */
function saysNobodyIsThere(reason: string | null): boolean {
  return /no neighbour|^icmp 3\/1 |^icmpv6 1\/3 |^EHOSTUNREACH|^EHOSTDOWN/.test(reason ?? '');
}

/** A login that never got as far as an sshd that said anything. */
function isSilentLogin(error: string): boolean {
  return /nothing answered|did not answer within|got no answer|no route to host/.test(error);
}

function isSilent({ outcome }: ReportOutcome): boolean {
  return outcome === 'timeout' || outcome === 'unreachable';
}

function testimonyOf(check: ReportCheck, outcome: ReportOutcome, { witness }: Knowledge): Testimony {
  return witness.of(check.from ?? '', addressOf(check, outcome));
}

function addressOf(check: ReportCheck, outcome: ReportOutcome): string {
  return outcome.address ?? check.address ?? '';
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
