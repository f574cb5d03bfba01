import { disagreements } from './agreement.js';
import type { RuleView, Violation } from './violation.js';

/** A port has one value on all servers of a project. */
export function samePortEverywhere({ uses }: RuleView): readonly Violation[] {
  return disagreements(uses, 'the document wants one port on all servers');
}
