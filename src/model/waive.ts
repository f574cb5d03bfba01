import type { Waiver } from './inventory.js';
import type { Status } from './report.js';

export interface WaivedStatus {
  readonly status: Status;
  readonly notes: readonly string[];
}

/**
 * Weighs a verdict against the waivers that select its check. Waived checks are probed all the same, so that a waiver
 * that nobody needs any more is noticed, and one that has ended no longer hides anything.
 * @param today `2027-05-31`
 */
export function waive(status: Status, waivers: readonly Waiver[], today: string): WaivedStatus {
  const holding = waivers.find(({ until }) => until === undefined || today <= until);
  if (status === 'pass')
    return { status, notes: holding === undefined ? [] : [`no longer needs its waiver (${holding.reason})`] };
  if (status === 'skipped') return { status, notes: [] };
  if (holding === undefined)
    return {
      status,
      notes: waivers.map(({ reason, until }) => `its waiver ended on ${until} and no longer waives (${reason})`),
    };
  const end = holding.until === undefined ? '' : ` until ${holding.until}`;
  return { status: 'waived', notes: [`${status}, waived${end}: ${holding.reason}`] };
}
