import type { OutcomeStatus, Proof } from '../model/report.js';
import type { Expectation } from '../model/scenario.js';
import { withoutTunnel } from './by-proxy.js';
import type { Control } from './evidence.js';
import type { Seen } from './seen.js';
import { judgingTable } from './table.js';

export interface Verdict {
  readonly status: OutcomeStatus;
  readonly proof: Proof | null;
  /** A clause about these ports; the reader is told which they are. */
  readonly note?: string;
}

/** Judges what was seen of some ports against an expectation, with the rules that go beyond the table. */
export function verdictOf(seen: Seen, expect: Expectation, control: () => Control | undefined): Verdict {
  // Of the proxy's answer or the dial to it: whatever it was, the destination had no part in it.
  if (seen.problem === 'proxy')
    return { ...withoutTunnel(seen.outcome === 'mismatch' || seen.outcome === 'reset', expect), proof: null };
  // Where our listener waits, or nobody does, whoever else answers proves that packets go astray.
  if (seen.problem === 'no-token' && (expect === 'open' || expect === 'reachable'))
    return { status: 'fail', proof: null };
  const cell = judgingTable(seen.outcome)[expect];
  switch (cell) {
    case 'pass':
      return passing(seen, expect);
    case 'pass, inferred':
      if (seen.listening === true) return forged;
      return { status: 'pass', proof: 'inferred' };
    case 'pass*': {
      const proof = control();
      if (proof !== undefined) return { status: 'pass', proof };
      return {
        status: 'unknown',
        proof: null,
        note: 'silence proves no denial: nothing shows that the address is alive and reached from here',
      };
    }
    case 'fail':
      if (seen.outcome === 'refused' && seen.listening === true) return forged;
      return { status: 'fail', proof: connectionProof(seen) };
    case 'unknown':
      return { status: 'unknown', proof: null };
  }
}

const forged: Verdict = {
  status: 'fail',
  proof: null,
  note: 'refused, although the destination listens there: something on the way refuses, or the address leads elsewhere',
};

function passing(seen: Seen, expect: Expectation): Verdict {
  if (expect === 'closed' || expect === 'filtered') {
    // A refusal or a rejection is its own control: something answered, and the answer was no.
    const proof = 'control';
    return seen.outcome === 'refused' && seen.listening === false
      ? { status: 'pass', proof, note: 'refused because nothing listens there: no firewall proven' }
      : { status: 'pass', proof };
  }
  const proof = connectionProof(seen);
  if (seen.warning !== undefined) return { status: 'warn', proof, note: seen.warning };
  if (seen.outcome === 'open' && seen.listening === false && seen.identified !== true && seen.listened !== true)
    return {
      status: 'warn',
      proof,
      note: 'answered, although nothing listens there on the destination: a port mapping, or a device on the way',
    };
  return seen.note === undefined ? { status: 'pass', proof } : { status: 'pass', proof, note: seen.note };
}

function connectionProof({ outcome, identified, listened }: Seen): Proof | null {
  if (identified === true) return 'identified';
  if (listened === true) return 'listener';
  return outcome === 'open' || outcome === 'mismatch' || outcome === 'reset' ? 'connected' : null;
}

/** Worst first. */
const severityOrder: readonly OutcomeStatus[] = ['fail', 'unknown', 'warn', 'pass'];

/** `all` ports or addresses have to do: the worst wins. */
export function worst(statuses: readonly OutcomeStatus[]): OutcomeStatus {
  return severityOrder.find((status) => statuses.includes(status)) ?? 'unknown';
}

/** One of the ports has to do: the best wins, but an untested port may have been the one. */
export function best(statuses: readonly OutcomeStatus[]): OutcomeStatus {
  return (['pass', 'warn', 'unknown', 'fail'] as const).find((status) => statuses.includes(status)) ?? 'unknown';
}

/** Weakest first: a check is proven no better than its weakest part. */
const proofOrder: readonly Proof[] = ['weak-control', 'control', 'inferred', 'connected', 'listener', 'identified'];

export function weakestProof(parts: readonly (Proof | null)[]): Proof | null {
  return proofOrder.find((proof) => parts.includes(proof)) ?? null;
}
