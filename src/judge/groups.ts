import type { OutcomeStatus } from '../model/report.js';
import type { Judgement } from './judgement.js';

/** A member of a `match: { hosts: any }` group, judged both as one that answers and as one that need not. */
export interface GroupMember {
  readonly asOpen: Judgement;
  readonly asReachable: Judgement;
}

/**
 * Of the hosts of a group one has to answer; the others need only be reachable. Where none answers all have failed,
 * unless one of them could not be tested: that one may be the host that answers, so the reachable ones are unknown.
 */
export function judgeGroup(members: readonly GroupMember[]): Judgement[] {
  const answers = members.some(({ asOpen }) => passes(asOpen.status));
  const untested = members.some(({ asOpen }) => asOpen.status === 'unknown');
  return members.map(({ asOpen, asReachable }) => {
    if (passes(asOpen.status) || asReachable.status === 'fail') return asOpen;
    if (answers) return withNote(asReachable, 'another host of the group answers: this one need only be reachable');
    if (!untested) return withNote(asOpen, 'no host of the group answers');
    if (asOpen.status === 'unknown') return asOpen;
    return withNote(
      { ...asOpen, status: 'unknown' },
      'a host of the group could not be tested and may be the one that answers',
    );
  });
}

function passes(status: OutcomeStatus): boolean {
  return status === 'pass' || status === 'warn';
}

function withNote(judgement: Judgement, note: string): Judgement {
  return { ...judgement, notes: [...judgement.notes, note] };
}
