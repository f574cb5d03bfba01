import { within } from './by-value.js';
import type { RuleView, Violation } from './violation.js';

/**
 * Without root nothing listens below 1024: the document's bound, and the kernel's default. The bound that a kernel really
 * has is a fact of its node, which the inventory does not know.
 */
export function privilegedPorts({ uses }: RuleView): readonly Violation[] {
  return within([[0, 1023]], uses, '; an installation without root can use only ports from 1024 up');
}
