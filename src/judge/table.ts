import type { Outcome } from '../model/report.js';
import type { Expectation } from '../model/scenario.js';

/**
 * One cell of the judging table. `pass, inferred`: a refusal proves the path without proving a service; `pass*`: silence
 * proves a denial only with a control.
 */
export type Cell = 'pass' | 'pass, inferred' | 'pass*' | 'fail' | 'unknown';

/** The judging table of docs/outcomes.md, row by row. */
export function judgingTable(outcome: Outcome): Readonly<Record<Expectation, Cell>> {
  switch (outcome) {
    case 'open':
      return { open: 'pass', reachable: 'pass', closed: 'fail', filtered: 'fail' };
    case 'mismatch':
      return { open: 'fail', reachable: 'pass', closed: 'fail', filtered: 'fail' };
    case 'reset':
      return { open: 'fail', reachable: 'pass', closed: 'fail', filtered: 'fail' };
    case 'refused':
      return { open: 'fail', reachable: 'pass, inferred', closed: 'pass', filtered: 'fail' };
    case 'rejected':
      return { open: 'fail', reachable: 'fail', closed: 'pass', filtered: 'pass' };
    case 'timeout':
      return { open: 'fail', reachable: 'fail', closed: 'pass*', filtered: 'pass*' };
    case 'unreachable':
      return { open: 'fail', reachable: 'fail', closed: 'unknown', filtered: 'unknown' };
    case 'name-failure':
      return { open: 'fail', reachable: 'fail', closed: 'unknown', filtered: 'unknown' };
    case 'unprobed':
      return { open: 'unknown', reachable: 'unknown', closed: 'unknown', filtered: 'unknown' };
  }
}
