import { disagreements } from './agreement.js';
import type { RuleView, Violation } from './violation.js';

/** Servers that any component may be placed on agree on the port of each. */
export function consistentPorts({ uses }: RuleView): readonly Violation[] {
  return disagreements(uses, 'the document wants these servers to agree, because any of them may get the component');
}
